// Finds which of many words a text holds, in one walk over the text: a person has a thousand words that must not come out,
// and asks thousands of questions.
const kBegin = 4  // characters that decide whether to look closer

export class Finder {
  // Words of at least four characters with what belongs to each; a word may come more than once.
  constructor(pairs) {
    this.words = new Map()
    this.begins = new Map()  // first characters -> lengths of the words that begin so
    this.firsts = new Set()
    for (const [word, what] of pairs) {
      if (word.length < kBegin) throw new Error(`too short to be looked for: ${word}`)
      if (!this.words.has(word)) this.words.set(word, [])
      this.words.get(word).push(what)
      const begin = word.slice(0, kBegin)
      if (!this.begins.has(begin)) this.begins.set(begin, new Set())
      this.begins.get(begin).add(word.length)
      this.firsts.add(word.charCodeAt(0))
    }
  }

  // What belongs to the words that the text holds, each once.
  in(text) {
    const found = new Set()
    for (let at = 0; at < text.length; at += 1) {
      if (!this.firsts.has(text.charCodeAt(at))) continue
      const lengths = this.begins.get(text.slice(at, at + kBegin))
      if (!lengths) continue
      for (const length of lengths) {
        for (const what of this.words.get(text.slice(at, at + length)) ?? []) found.add(what)
      }
    }
    return [...found]
  }
}
