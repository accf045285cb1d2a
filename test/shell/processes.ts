/** What the operating system knows of processes; on Linux alone. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'

export interface Process { id: number; parentId: number; commandLine: string }

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It ended meanwhile.
    return ''
  }
}

export function allProcesses(): Process[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    const stat = read(`/proc/${name}/stat`)
    // The name in brackets may hold anything; behind the last bracket come state and parent.
    const [state, parentId] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (!parentId || state === 'Z') return []
    return [{ id: Number(name), parentId: Number(parentId), commandLine: read(`/proc/${name}/cmdline`).replaceAll('\0', ' ') }]
  })
}

/** The process and all below it that run `what`. */
export function below(id: number, what: string): Process[] {
  const all = allProcesses()
  const family = new Set([id])
  for (let grew = true; grew;) {
    const before = family.size
    for (const process_ of all) if (family.has(process_.parentId)) family.add(process_.id)
    grew = family.size > before
  }
  return all.filter((process_) => family.has(process_.id) && process_.commandLine.includes(what))
}

export function isRunning(id: number): boolean {
  return allProcesses().some((process_) => process_.id === id)
}

/** Addresses of TCP sockets that the process listens on. */
export function listeningPorts(id: number): string[] {
  const inodes = new Set(readdirSync(`/proc/${id}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${id}/fd/${fd}`))?.[1] ?? []
    } catch {
      return []
    }
  }))
  return ['tcp', 'tcp6'].flatMap((table) => read(`/proc/net/${table}`).split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' && inodes.has(fields[9]!))
    .map((fields) => fields[1]!)
}
