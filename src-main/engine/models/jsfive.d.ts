/** What Kith uses of jsfive, which comes without types. */
declare module 'jsfive' {
  export class Group {
    readonly keys: string[]
    get(path: string): Group | Dataset
  }
  export class File extends Group {
    constructor(bytes: ArrayBuffer, name: string)
  }
  export class Dataset {
    readonly shape: number[]
    /** As NumPy writes it, `<f4`; some types are no string. */
    readonly dtype: unknown
    readonly value: ArrayLike<number>
  }
}
