/** What the commands that decide have in common: the library open for writing, learning from what was decided. */
import type { Decision } from '../../src-shared/api.ts'
import type { Engine } from '../engine/engine.ts'
import type { CommandContext } from './command.ts'

/**
 * Runs work that decides, and waits until the decision is learnt from, so that the next command finds the names and
 * suggestions that follow from it. The decision stands even where learning fails.
 */
export async function withDecision<T>(context: CommandContext, work: (engine: Engine) => Promise<T>): Promise<T> {
  await context.ensureBuilt(['kernel'])
  return context.withEngine('write', async (engine) => {
    const result = await work(engine)
    try {
      await engine.paths.settled()
    } catch (error) {
      context.output.note(`Suggestions are not up to date: ${error instanceof Error ? error.message : String(error)}`)
    }
    return result
  })
}

/** Takes decisions and prints them: the faces altogether, and each decision with its entry in the journal. */
export async function decide(context: CommandContext, work: (engine: Engine) => Promise<Decision[]>): Promise<void> {
  const decisions = await withDecision(context, work)
  const faces = decisions.reduce((sum, decision) => sum + decision.faces, 0)
  await context.output.result({ faces, decisions }, () => decisions.map(({ label }) => label).join('\n'))
}
