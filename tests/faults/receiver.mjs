// Somebody else's system on loopback that takes webhook messages, checks that they are ours and remembers them.
import { createHmac } from 'node:crypto'
import http from 'node:http'

export const allowed = ['--outbound-network', '127.0.0.0/8']

export class Receiver {
  // `answer(message, count)`: status to answer with, count being how often this id has come; may be a promise.
  static async start(answer = () => 204) {
    const receiver = new Receiver()
    Object.assign(receiver, { answer, messages: [], wrong: [], waiting: [] })
    receiver.server = http.createServer((request, response) => receiver.#take(request, response))
    await new Promise((resolve) => receiver.server.listen(0, '127.0.0.1', resolve))
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}/hook`
    return receiver
  }
  #take(request, response) {
    const parts = []
    request.on('data', (part) => parts.push(part))
    request.on('end', async () => {
      const text = Buffer.concat(parts).toString()
      const message = { ...JSON.parse(text), text, at_receiver: performance.now() }
      if (request.headers['webhook-id'] !== message.id) this.wrong.push(`id ${message.id} in the header is ${request.headers['webhook-id']}`)
      if (this.secret && !this.#isSigned(request.headers, text)) this.wrong.push(`the signature of ${message.id}`)
      this.messages.push(message)
      for (const look of this.waiting) look()
      const status = await this.answer(message, this.messages.filter((one) => one.id === message.id).length)
      if (status === undefined) return  // no answer at all
      response.writeHead(status)
      response.end('thanks')
    })
    request.on('error', () => {})
  }
  #isSigned(headers, text) {
    const key = Buffer.from(this.secret.replace(/^whsec_/, ''), 'base64')
    const signature = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`).digest('base64')
    return headers['webhook-signature'] === `v1,${signature}` && Math.abs(Date.now() / 1000 - Number(headers['webhook-timestamp'])) < 300
  }
  // When `done(messages)` is true; rejects after `seconds`.
  until(done, seconds = 30) {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!done(this.messages)) return
        clearTimeout(timer)
        this.waiting.splice(this.waiting.indexOf(look), 1)
        resolve()
      }
      const timer = setTimeout(() => reject(new Error(`not within ${seconds} s; ${this.messages.length} messages`)), seconds * 1000)
      this.waiting.push(look)
      look()
    })
  }
  ids() { return new Set(this.messages.map((one) => one.id)) }
  stop() {
    this.server.closeAllConnections()
    return new Promise((resolve) => this.server.close(resolve))
  }
}

// Made by an administrator, with the secret known to the receiver.
export async function addWebhook(admin, receiver, fields = {}) {
  const webhook = await admin.expect(201, 'POST', '/api/v1/webhooks', {
    name: 'ERP', url: receiver.url, user_id: admin.user.id, objects: ['account', 'lead', 'opportunity', 'activity'], ...fields })
  receiver.secret = (await admin.expect(200, 'POST', `/api/v1/webhooks/${webhook.id}/show_secret`)).result.secret
  return webhook
}
