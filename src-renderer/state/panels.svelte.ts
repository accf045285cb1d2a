/** The sheet that lies over the window, if any. */
class Panels {
  open = $state<'help' | 'history' | null>(null)
}

export const panels = new Panels()
