import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Finder } from './finder.mjs'

test('every word that includes() finds, also inside and over one another, and no other', () => {
  const words = ['qabcdefghi', 'qabcdefghj', '13800138001', '1380013', '8001380', 'iqab', 'aaaa', 'aaaab', '写的是q']
  const finder = new Finder(words.map((word) => [word, word]))
  const texts = ['', 'qab', 'xqabcdefghiqabcdefghjx', '{"mobile":"13800138001"}', '-13800138-', '11380013', 'aaaaab', 'aaab', '注：写的是qabcdefghi', 'QABCDEFGHI']
  for (const text of texts) assert.deepEqual(finder.in(text).sort(), words.filter((word) => text.includes(word)).sort(), text)
  assert.deepEqual(new Finder([['twice', 1], ['twice', 2]]).in('twice twice'), [1, 2])
  assert.throws(() => new Finder([['abc', 1]]), /too short/)
})
