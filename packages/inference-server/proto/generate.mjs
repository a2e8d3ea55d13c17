/** Writes the protocol as protobufjs reads it: `node proto/generate.mjs`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const here = name => fileURLToPath(new URL(name, import.meta.url));
const root = new protobuf.Root();
root.resolvePath = (_, file) => here(file);
root.loadSync(here('grpc_service.proto'), { keepCase: true });
root.resolveAll();
writeFileSync(
  here('../src/grpc/protocol.json'),
  `${JSON.stringify(root.toJSON(), undefined, 2)}\n`,
);
