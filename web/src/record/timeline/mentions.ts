/** Somebody who was chosen from the list behind an @. */
export interface Mentioned {
  id: number;
  name: string;
}

const longestName = 20;
// An @ inside a mail address begins no name. Names have no spaces while they are looked for.
const begun = /(?:^|[^A-Za-z0-9._-])[@＠]([^\s@＠]*)$/;

/** What is being looked for behind the @ before the caret, and where the @ stands; null if nothing. */
export function mentionAt(text: string, caret: number): { at: number; query: string } | null {
  const match = begun.exec(text.slice(Math.max(0, caret - longestName - 2), caret));
  if (!match || match[1].length > longestName) return null;
  return { at: caret - match[1].length - 1, query: match[1] };
}

/** The text with a name in place of what was typed from the @ to the caret, and the new caret. */
export function withMention(
  text: string,
  at: number,
  caret: number,
  name: string,
): { text: string; caret: number } {
  const rest = text.slice(caret);
  const written = `@${name}${/^\s/.test(rest) ? '' : ' '}`;
  return { text: text.slice(0, at) + written + rest, caret: at + written.length };
}

/** Of the chosen people those whose names still stand in the text; longer names are looked for first. */
export function stillMentioned(text: string, people: readonly Mentioned[]): Mentioned[] {
  let left = text;
  const found = new Set<number>();
  for (const person of people.toSorted((a, b) => b.name.length - a.name.length)) {
    const sign = `@${person.name}`;
    if (!left.includes(sign) || found.has(person.id)) continue;
    found.add(person.id);
    // Of two people with one name each needs a mention of one's own.
    const twins = people.filter((each) => each.name === person.name).length > 1;
    left = twins ? left.replace(sign, '\n') : left.replaceAll(sign, '\n');
  }
  return people.filter((person, at) => {
    const first = people.findIndex(({ id }) => id === person.id) === at;
    return first && found.has(person.id);
  });
}
