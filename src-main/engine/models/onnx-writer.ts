/**
 * Writes ONNX graphs: a small builder over the part of ONNX's protobuf schema (onnx/onnx.proto, IR version 8, operator
 * set 17) that our networks use. Tensors are laid out as ONNX has them: pictures NCHW, filters OIHW.
 */
import protobuf from 'protobufjs/light.js'
import type { StoredTensor } from './weights.ts'

/** Field numbers as in onnx.proto; a schema is data. */
const schema = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: {
        irVersion: { id: 1, type: 'int64' },
        producerName: { id: 2, type: 'string' },
        docString: { id: 6, type: 'string' },
        graph: { id: 7, type: 'Graph' },
        opsetImport: { id: 8, rule: 'repeated', type: 'OperatorSet' },
      },
    },
    OperatorSet: { fields: { domain: { id: 1, type: 'string' }, version: { id: 2, type: 'int64' } } },
    Graph: {
      fields: {
        node: { id: 1, rule: 'repeated', type: 'Node' },
        name: { id: 2, type: 'string' },
        initializer: { id: 5, rule: 'repeated', type: 'Tensor' },
        input: { id: 11, rule: 'repeated', type: 'ValueInfo' },
        output: { id: 12, rule: 'repeated', type: 'ValueInfo' },
      },
    },
    Node: {
      fields: {
        input: { id: 1, rule: 'repeated', type: 'string' },
        output: { id: 2, rule: 'repeated', type: 'string' },
        name: { id: 3, type: 'string' },
        opType: { id: 4, type: 'string' },
        attribute: { id: 5, rule: 'repeated', type: 'Attribute' },
      },
    },
    Attribute: {
      fields: {
        name: { id: 1, type: 'string' },
        i: { id: 3, type: 'int64' },
        ints: { id: 8, rule: 'repeated', type: 'int64' },
        type: { id: 20, type: 'int32' },
      },
    },
    Tensor: {
      fields: {
        dims: { id: 1, rule: 'repeated', type: 'int64' },
        dataType: { id: 2, type: 'int32' },
        name: { id: 8, type: 'string' },
        rawData: { id: 9, type: 'bytes' },
      },
    },
    ValueInfo: { fields: { name: { id: 1, type: 'string' }, type: { id: 2, type: 'Type' } } },
    Type: { fields: { tensorType: { id: 1, type: 'TensorType' } } },
    TensorType: { fields: { elemType: { id: 1, type: 'int32' }, shape: { id: 2, type: 'Shape' } } },
    Shape: { fields: { dim: { id: 1, rule: 'repeated', type: 'Dimension' } } },
    Dimension: { fields: { dimValue: { id: 1, type: 'int64' }, dimParam: { id: 2, type: 'string' } } },
  },
})
const modelType = schema.lookupType('Model')

const elementType = { float32: 1, int64: 7 } as const
const attributeType = { int: 2, ints: 7 } as const

/** Name of a value inside a graph. */
export type Value = string & { readonly brand?: 'Value' }
/** Lengths of the dimensions; a string names one that may vary, such as the batch. */
export type Shape = readonly (number | string)[]
export type Attributes = Readonly<Record<string, number | readonly number[]>>

export interface GraphBuilder {
  /** Adds a node and answers the name of its output; `outputName` where the graph gives it to the caller. */
  node(operator: string, inputs: readonly Value[], attributes?: Attributes, outputName?: string): Value
  floats(values: ArrayLike<number>, shape: readonly number[]): Value
  scalar(value: number): Value
  integers(values: readonly number[]): Value
  /**
   * A weight tensor, its axes reordered by `permutation` and then multiplied by `factors` along its first axis. Expanded
   * here, in double precision and rounded once: left to ONNX Runtime that takes 40 MB more, or tilts every weight a little.
   */
  weights(tensor: StoredTensor, permutation: readonly number[], factors?: ArrayLike<number>): Value
  /** The model as the bytes of an .onnx file. */
  build(parts: { name: string; description: string; input: [string, Shape]; outputs: [string, Shape][] }): Uint8Array
}

/** Starts an empty graph. */
export function createGraphBuilder(): GraphBuilder {
  const nodes: object[] = []
  const initializers: object[] = []

  function initializer(dataType: number, dims: readonly number[], data: ArrayBufferView): Value {
    const name = `constant_${initializers.length}`
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    initializers.push({ dims, dataType, name, rawData })
    return name
  }
  function node(operator: string, inputs: readonly Value[], attributes: Attributes = {}, outputName?: string): Value {
    const name = `${operator}_${nodes.length}`
    const output = outputName ?? name
    const attribute = Object.entries(attributes).map(([key, value]) =>
      typeof value === 'number'
        ? { name: key, type: attributeType.int, i: value }
        : { name: key, type: attributeType.ints, ints: value })
    nodes.push({ input: inputs, output: [output], name, opType: operator, attribute })
    return output
  }
  const floats = (values: ArrayLike<number>, shape: readonly number[]): Value =>
    initializer(elementType.float32, shape, values instanceof Float32Array ? values : Float32Array.from(values))

  return {
    node,
    floats,
    scalar: (value) => floats([value], []),
    integers: (values) =>
      initializer(elementType.int64, [values.length], BigInt64Array.from(values, (value) => BigInt(value))),
    weights(tensor, permutation, factors) {
      const shape = permutation.map((axis) => tensor.shape[axis]!)
      return initializer(elementType.float32, shape, expand(tensor, permutation, factors))
    },
    build({ name, description, input, outputs }) {
      const model = modelType.create({
        irVersion: 8,
        producerName: 'kith',
        docString: description,
        opsetImport: [{ domain: '', version: 17 }],
        graph: {
          name, node: nodes, initializer: initializers,
          input: [valueInfo(...input)], output: outputs.map((output) => valueInfo(...output)),
        },
      })
      return modelType.encode(model).finish()
    },
  }
}

function valueInfo(name: string, shape: Shape): object {
  const dim = shape.map((length) => (typeof length === 'number' ? { dimValue: length } : { dimParam: length }))
  return { name, type: { tensorType: { elemType: elementType.float32, shape: { dim } } } }
}

/** The values of a tensor in the order that they have after its axes are permuted, times the factor of their first index. */
function expand({ shape, stored, scale, minimum }: StoredTensor, permutation: readonly number[], factors?: ArrayLike<number>): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1))
  const values = new Float32Array(stored.length)
  let filled = 0
  function fill(depth: number, base: number, factor: number): void {
    const length = shape[permutation[depth]!]!
    const stride = strides[permutation[depth]!]!
    if (depth === permutation.length - 1) {
      for (let i = 0; i < length; i++) values[filled++] = (stored[base + i * stride]! * scale + minimum) * factor
    } else {
      for (let i = 0; i < length; i++) fill(depth + 1, base + i * stride, depth === 0 && factors ? factors[i]! : factor)
    }
  }
  fill(0, 0, 1)
  return values
}
