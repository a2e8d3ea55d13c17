import { dirname, join } from 'node:path';
import { Root } from 'protobufjs';
import description from './protocol.json';

const FOLDER = join(dirname(require.resolve('../../package.json')), 'proto');

it('is what the protocol files say', async () => {
  const root = new Root();
  root.resolvePath = (_, file) =>
    file.startsWith(FOLDER) ? file : join(FOLDER, file);
  await root.load(join(FOLDER, 'grpc_service.proto'), { keepCase: true });
  expect(root.resolveAll().toJSON()).toEqual(description);
});
