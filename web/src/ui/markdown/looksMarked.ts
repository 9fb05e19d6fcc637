const marks = /[*_`~|[]|https?:\/\/|^\s{0,3}(#{1,6}\s|>|[-+]\s|\d{1,9}[.)]\s|-{3,}\s*$)/m;

/** Whether a text has anything in it that Markdown would show in another way. */
export function looksMarked(text: string): boolean {
  return marks.test(text);
}
