/** Throws on whatever the stand-in does not know, so that nothing passes that real Electron might refuse. */
export function strict<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, key) {
      if (!(key in object) && typeof key === 'string' && key !== 'then') throw new Error(`The stand-in has no ${name}.${key}`)
      const value: unknown = Reflect.get(object, key, object)
      return typeof value === 'function' && !/^class\b/.test(String(value)) ? value.bind(object) as unknown : value
    },
    set(object, key, value) {
      if (!(key in object)) throw new Error(`The stand-in has no ${name}.${String(key)}`)
      return Reflect.set(object, key, value, object)
    },
  })
}
