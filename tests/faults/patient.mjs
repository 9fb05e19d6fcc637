// A thread that asks for one page after the other and tells how long it waited (floods.test.mjs).
import http from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

const { origin, headers, milliseconds } = workerData
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })

function ask() {
  const begun = performance.now()
  return new Promise((resolve, reject) => {
    const request = http.get(new URL('/api/v1/accounts?$top=20', origin), { agent, headers }, (answer) => {
      answer.resume()
      answer.on('end', () => (answer.statusCode === 200 ? resolve(performance.now() - begun) : reject(new Error(`status ${answer.statusCode}`))))
    })
    request.on('error', reject)
  })
}

const times = []
const end = performance.now() + milliseconds
while (performance.now() < end) times.push(await ask())
agent.destroy()
parentPort.postMessage(times.sort((a, b) => a - b)[Math.floor(times.length / 2)])
