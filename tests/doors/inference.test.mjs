// Nobody learns by asking: a question with a word from a hidden field or record is answered like one with a word that no
// record holds, and writing to a hidden record like writing to an id that never was.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { databases } from '../faults/support.mjs'
import { Company, walkers } from './company.mjs'
import { Asker, UploadClient, questions, some, writings } from './probes.mjs'
import { forbidden } from './truth.mjs'

// What differs by chance or because the question is repeated.
function plain(answer, words) {
  let text = `${answer.status} ${answer.bytes.toString()}`
  for (const word of words) text = text.replaceAll(String(word), 'WORD').replaceAll(encodeURIComponent(String(word)), 'WORD')
  return text.replace(/"request_id":"[^"]*"/g, '').replace(/\$skiptoken=[\w-]+/g, '')
}

// Both databases side by side: each company has a server of its own.
describe('on each database', { concurrency: true }, () => {
  for (const kind of databases) {
    test(`questions tell nothing about what may not be seen, on ${kind}`, { timeout: 900_000 }, async (context) => {
      const company = await Company.open(kind)
      let count = 0
      try {
        for (const { login } of walkers(kind)) {
          await context.test(login, async () => {
            const asker = new Asker(company, await new UploadClient(company.server.origin).signIn(login), login)
            const told = []
            for (const secret of some(forbidden(company, login))) {
              for (const { known, unknown, mark, strange } of questions(company, secret)) {
                const answers = [await asker.get(known), await asker.get(unknown)]
                const words = [mark, strange, Number(mark) - 1, Number(mark) + 1, Number(strange) - 1, Number(strange) + 1].filter((word) => typeof word === 'string' || !Number.isNaN(word))
                if (plain(answers[0], words) !== plain(answers[1], words)) told.push(`${known}: ${plain(answers[0], words).slice(0, 300)} | ${plain(answers[1], words).slice(0, 300)}`)
              }
            }
            assert.deepEqual(told.slice(0, 10), [], `${told.length} answers tell something`)
            count += asker.count
          })

          await context.test(`${login} writes`, async () => {
            const asker = new Asker(company, await new UploadClient(company.server.origin).signIn(login), login)
            const told = []
            for (const { method, known, unknown, body, unknownBody, headers, ids } of writings(company, login)) {
              const answers = [await asker.ask(method, known, body, headers), await asker.ask(method, unknown, unknownBody ?? body, headers)]
              const words = ids ?? [known, unknown].map((path) => /\d+/.exec(path)[0])
              if (plain(answers[0], words) !== plain(answers[1], words)) told.push(`${method} ${known} ${JSON.stringify(body)}: ${plain(answers[0], words).slice(0, 300)} | ${plain(answers[1], words).slice(0, 300)}`)
            }
            assert.deepEqual(told.slice(0, 10), [], `${told.length} answers tell something`)
            count += asker.count
          })
        }
        context.diagnostic(`${count} questions`)
      } finally {
        await company.close()
      }
    })
  }
})
