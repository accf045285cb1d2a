/** What the commands that decide have in common: their answer. */
import type { Decision } from '../../src-shared/api.ts'
import type { Output } from './output.ts'

/** Prints what was decided: the faces altogether, and each decision with its entry in the journal. */
export function printDecisions(output: Output, decisions: readonly Decision[]): Promise<void> {
  const faces = decisions.reduce((sum, decision) => sum + decision.faces, 0)
  return output.result({ faces, decisions }, () => decisions.map(({ label }) => label).join('\n'))
}
