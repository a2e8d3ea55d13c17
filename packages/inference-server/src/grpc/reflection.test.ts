import type { ServerDuplexStream } from '@grpc/grpc-js';
import { Duplex } from 'node:stream';
import type { Received } from './protocol';
import { createReflection } from './reflection';

it('answers no more than a caller reads', async () => {
  let asked = 0;
  let readOn = () => {};
  let answers = 0;
  const call = new Duplex({
    objectMode: true,
    highWaterMark: 4,
    read() {
      asked += 1;
      const message = {
        host: '',
        message_request: 'file_containing_symbol',
        file_containing_symbol: 'inference.GRPCInferenceService',
      };
      this.push(asked > 1_000 ? null : { message, bytes: 40 });
    },
    write(_answer, _encoding, done) {
      answers += 1;
      if (answers === 1) readOn = done;
      else done();
    },
  });
  const ended = new Promise(resolve => call.once('finish', resolve));
  createReflection()(call as unknown as ServerDuplexStream<Received, object>);
  await new Promise(resolve => setTimeout(resolve, 50));
  expect(call.writableLength).toBeLessThanOrEqual(4);
  readOn();
  await ended;
  expect(answers).toBe(1_000);
});
