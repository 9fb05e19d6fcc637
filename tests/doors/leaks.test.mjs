// Every person asks in every way; what comes back holds nothing that the person may not see.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addWebhook, Receiver } from '../faults/receiver.mjs'
import { databases, pause } from '../faults/support.mjs'
import { Company, people, walkers } from './company.mjs'
import { Finder } from './finder.mjs'
import { Asker, UploadClient, readings } from './probes.mjs'
import { forbidden, readsField, sees } from './truth.mjs'

// Routes that give nobody's records to anybody, or only to the person who sent them, each with its reason.
const notWalked = new Map([
  ['POST /api/v1/session', 'signing in'], ['DELETE /api/v1/session', 'signing out'], ['PATCH /api/v1/session', 'own language and theme'],
  ['POST /api/v1/session/setup', 'before there are records'], ['POST /api/v1/session/password', 'own password'],
  ['POST /api/v1/session/sign_out_everywhere', 'own sessions'], ['POST /api/v1/session/tokens', 'own tokens'], ['DELETE /api/v1/session/tokens/{id}', 'own tokens'],
  ['PUT /api/v1/roles/{id}/rights', 'settings, without records'], ['PUT /api/v1/picklists/{name}', 'settings, without records'],
  ['PUT /api/v1/session/preferences/{name}', 'own screens'],
  ['PUT /api/v1/organisation', 'settings, without records'], ['PUT /api/v1/switches', 'settings, without records'], ['POST /api/v1/notifications/read', 'own notifications'],
  ['POST /api/v1/files', 'what the person sends himself'],
  ['GET /healthz', 'no records'], ['GET /readyz', 'no records'], ['GET /metrics', 'no records'],
  ['GET /api/v1/events', 'walked by its own test below'],
])

async function asker(company, login) {
  const client = await new UploadClient(company.server.origin).signIn(login)
  return new Asker(company, client, login)
}

// Both databases side by side: each company has a server of its own.
describe('on each database', { concurrency: true }, () => {
  for (const kind of databases) {
    test(`what may not be seen comes out nowhere, on ${kind}`, { timeout: 900_000 }, async (context) => {
      const company = await Company.open(kind)
      const walked = new Set()
      let probes = 0
      try {
        for (const login of ['admin', ...walkers(kind).map((person) => person.login)]) {
          await context.test(login, async () => {
            const one = await asker(company, login)
            const secrets = forbidden(company, login)
            const leaks = []
            const finder = new Finder(secrets.map((secret) => [secret.mark, secret]))
            one.listen = (what, text, answer, known = new Set()) => {
              // What the question said, the answer may repeat.
              for (const { mark, object, id, field } of finder.in(text)) {
                if (!known.has(mark) && !decodeURIComponent(what).includes(mark)) leaks.push(`${object} ${id} ${field} (${mark}) by ${what}`)
              }
            }
            for (const reading of Object.values(readings)) await reading(one)
            assert.deepEqual(leaks.slice(0, 20), [], `${leaks.length} leaks in ${one.count} probes`)
            assert.ok(login === 'nobody' || one.answers > 200, `${one.answers} answers`)
            for (const route of one.routes) walked.add(route)
            probes += one.count
          })
        }

        await context.test('what may be seen is there: single records and lists say what the rules say', async () => {
          for (const login of ['admin', ...people.map((person) => person.login)]) {
            const one = await asker(company, login)
            for (const record of company.records.filter((candidate) => !candidate.deleted)) {
              const meta = company.meta[record.object]
              const { seen } = sees(company, login, record)
              const answer = await one.get(`/${meta.collection}/${record.id}`)
              assert.equal(answer.status, seen ? 200 : 404, `${login} ${record.object} ${record.id} of ${record.owner}`)
              if (!seen) continue
              for (const [field, mark] of Object.entries(record.marks)) {
                const shown = JSON.stringify(answer.json[field] ?? null).includes(mark)
                assert.equal(shown, readsField(company, login, record, field), `${login} ${record.object} ${record.id} ${field}`)
              }
            }
            for (const object of ['account', 'contact', 'lead', 'opportunity', 'activity', 'activity_comment', 'task']) {
              const expected = company.records.filter((record) => record.object === object && !record.deleted && sees(company, login, record).seen)
              const answer = await one.get(`/${company.meta[object].collection}?$top=500&$select=id`)
              if (answer.status !== 200) {
                assert.equal(expected.length, 0, `${login} ${object}`)
                continue
              }
              assert.deepEqual(answer.json.value.map((record) => record.id).sort(), expected.map((record) => record.id).sort(), `${login} ${object}`)
            }
            const disputes = await one.get('/arbitrations')
            assert.equal(disputes.bytes.toString().includes(company.dispute.mark), company.dispute.seenBy.includes(login), `${login} reads what is disputed`)
          }
        })

        await context.test('live events name only what may be seen', async () => {
          await liveEvents(company)
        })

        await context.test('messages to other systems hold what their person may see', async () => {
          await messages(company)
        })

        await context.test('every route has been asked', () => {
          const missing = company.routes.filter((route) => !walked.has(route) && !notWalked.has(route) && !isWriting(company, route))
          assert.deepEqual(missing, [])
        })
        context.diagnostic(`${probes} probes, ${walked.size} routes, ${company.records.length} records`)
      } finally {
        await company.close()
      }
    })
  }
})

// Writing to single records and creating is the business of inference.test.mjs.
function isWriting(company, route) {
  const [method, template] = route.split(' ')
  if (method === 'GET') return false
  return Object.values(company.meta).some((meta) => template === `/api/v1/${meta.collection}` || template.startsWith(`/api/v1/${meta.collection}/`))
}

// In everybody's name a system is told of every record that the administrator touches.
async function messages(company) {
  const ears = []
  for (const { login } of people) {
    const receiver = await Receiver.start()
    const webhook = await addWebhook(company.admin, receiver, { name: login, user_id: company.users[login].id,
      objects: ['account', 'contact', 'lead', 'opportunity', 'activity', 'task', 'opportunity_contact'] })
    ears.push({ login, receiver, webhook })
  }
  const touched = await touch(company, '2027-01-06T02:00:00Z')
  for (const { login, receiver } of ears) {
    const seen = touched.filter((record) => sees(company, login, record).seen)
    const tells = (record) => receiver.messages.some((one) => one.object === record.object && one.record_id === record.id)
    await receiver.until(() => seen.every(tells))
  }
  // What is not sent is known to be settled when nothing waits any more.
  for (const { webhook } of ears) {
    for (;;) {
      const { waiting } = await company.admin.expect(200, 'GET', `/api/v1/webhooks/${webhook.id}/deliveries`)
      if (waiting === 0) break
      await pause(20)
    }
  }
  const { webhook } = ears.find(({ login }) => login === 'nobody')
  const { value: skipped } = await company.admin.expect(200, 'GET', `/api/v1/webhooks/${webhook.id}/deliveries?status=skipped&$top=200`)
  assert.ok(skipped.length >= touched.length, 'what nobody sees is noted as not sent')
  for (const { login, receiver } of ears) {
    assert.deepEqual(receiver.wrong, [], login)
    const finder = new Finder(forbidden(company, login).map((secret) => [secret.mark, secret]))
    for (const message of receiver.messages) {
      assert.deepEqual([...finder.in(message.text)], [], `${login}: ${message.text}`)
      const record = touched.find((one) => one.object === message.object && one.id === message.record_id)
      if (record) assert.ok(sees(company, login, record).seen, `${login} is told of ${message.object} ${message.record_id}`)
    }
    await receiver.stop()
  }
}

// The administrator changes every record that is open to it once.
async function touch(company, at) {
  const touched = company.records.filter((record) => !record.deleted && !['activity', 'activity_comment'].includes(record.object))
  for (const record of touched) {
    const field = company.meta[record.object].fields.find((one) => one.name === 'next_contact_at' || one.name === 'due_at').name
    await company.admin.expect(200, 'PATCH', `/api/v1/${company.meta[record.object].collection}/${record.id}`, { [field]: at }, { 'If-Match': '*' })
  }
  return touched
}

// Everybody listens while the administrator touches every record once; tags, which all see, end the listening.
async function liveEvents(company) {
  const streams = []
  for (const login of people.map((person) => person.login)) {
    const client = await company.signIn(login)
    const abort = new AbortController()
    const response = await fetch(new URL('/api/v1/events', company.server.origin), { headers: client.headers, signal: abort.signal })
    assert.equal(response.status, 200)
    const stream = { login, text: '', abort }
    stream.ended = (async () => {
      const decoder = new TextDecoder()
      for await (const chunk of response.body) {
        stream.text += decoder.decode(chunk, { stream: true })
        stream.heard?.()
      }
    })().catch(() => {})
    streams.push(stream)
  }
  const touched = await touch(company, '2027-01-05T02:00:00Z')
  // What changes at one time is told in one round, and not in the order of time: a first tag may be heard before the records. A
  // second one, made when all have heard the first, comes in a later round.
  for (const name of ['第一个', '最后']) {
    const tag = await company.admin.expect(201, 'POST', '/api/v1/tags', { name })
    for (const stream of streams) {
      await new Promise((resolve) => {
        stream.heard = () => { if (new RegExp(`"tag","id":${tag.id}\\b`).test(stream.text)) resolve() }
        stream.heard()
      })
    }
  }
  for (const stream of streams) {
    stream.abort.abort()
    await stream.ended
    const named = new Set([...stream.text.matchAll(/"object":"(\w+)","id":(\d+)/g)].map(([, object, id]) => `${object} ${id}`))
    for (const record of touched) {
      assert.equal(named.has(`${record.object} ${record.id}`), sees(company, stream.login, record).seen, `${stream.login} hears of ${record.object} ${record.id}`)
    }
  }
}
