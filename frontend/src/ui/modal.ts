/** Shows a dialog above all else; when it goes, the focus is again where it was. */
export function modal(node: HTMLDialogElement) {
  const before = document.activeElement as HTMLElement | null
  node.showModal()
  return { destroy: () => before?.focus?.() }
}
