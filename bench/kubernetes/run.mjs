// @ts-check
import { ensureKubernetes } from '../../scripts/test/kubernetes.mjs';
import { judgeKubernetes } from './judge.mjs';
import { measureKubernetes } from './measure.mjs';

const read = (name, fallback) => Number(process.env[name] ?? fallback);

process.env.GREENROOM_TEST_KUBERNETES ??= await ensureKubernetes();
const measured = await measureKubernetes({
  environments: read('ENVIRONMENTS', 500),
  changes: read('CHANGES', 10),
  quietSeconds: read('QUIET_SECONDS', 130),
  say: line => console.log(line),
});
const { lines, broken } = judgeKubernetes(measured);
for (const line of lines) console.log(line);
for (const sentence of broken) console.error(`BROKEN: ${sentence}`);
process.exit(broken.length > 0 ? 1 : 0);
