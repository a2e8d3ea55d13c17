import { dirname, join } from 'node:path';
import { Root } from 'protobufjs';
import description from './protocol.json';

const FOLDER = join(dirname(require.resolve('../../package.json')), 'proto');

it('is what the protocol files say', async () => {
  const root = new Root();
  root.resolvePath = (_, file) =>
    file.startsWith(FOLDER) ? file : join(FOLDER, file);
  const files = [
    'grpc_service.proto',
    'grpc/health.proto',
    'grpc/reflection_v1.proto',
    'grpc/reflection_v1alpha.proto',
  ];
  await root.load(files, { keepCase: true });
  expect(root.resolveAll().toJSON()).toEqual(description);
});
