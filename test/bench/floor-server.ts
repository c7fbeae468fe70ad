/** A bare Fastify route in a process of its own: reads the body, answers 200, keeps nothing. */
import { fastify } from 'fastify';

const server = fastify({ logger: false });
server.removeAllContentTypeParsers();
server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
server.post('/cb/:account/:operation', async () => ({ ok: true }));
process.send?.(await server.listen({ host: '127.0.0.1', port: 0 }));
