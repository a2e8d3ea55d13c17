/** Writes the protocols as protobufjs reads them: `node proto/generate.mjs`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const FILES = [
  'grpc_service.proto',
  'grpc/health.proto',
  'grpc/reflection_v1.proto',
  'grpc/reflection_v1alpha.proto',
];

const here = name => fileURLToPath(new URL(name, import.meta.url));
const root = new protobuf.Root();
root.resolvePath = (_, file) => here(file);
root.loadSync(FILES, { keepCase: true });
root.resolveAll();
writeFileSync(
  here('../src/grpc/protocol.json'),
  `${JSON.stringify(root.toJSON(), undefined, 2)}\n`,
);
