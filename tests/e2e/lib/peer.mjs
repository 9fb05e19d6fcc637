// Another company's system that is told of changes: it keeps what comes and answers as it is told to.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';

export async function startPeer() {
  const messages = [];
  const peer = { messages, status: 200 };
  const server = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      messages.push({ method: request.method, headers: request.headers, text, body: JSON.parse(text) });
      response.writeHead(peer.status).end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  peer.url = `http://127.0.0.1:${server.address().port}/kehai`;
  peer.stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return peer;
}

/** What the header `webhook-signature` of a message has to be. */
export function signatureOf(secret, { headers, text }) {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}
