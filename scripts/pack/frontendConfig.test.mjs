// @ts-check
import { loadConfigSchema } from '@backstage/config-loader';
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../lib/paths.mjs';

test('the browser gets everything of environments but their connections and model servers', async () => {
  const schema = await loadConfigSchema({
    packagePaths: [path.join(root, 'plugins/ai-registry-common/package.json')],
    dependencies: [],
  });
  const shown = {
    name: 'dev',
    title: 'Development',
    approvals: { count: 2, groups: ['group:default/risk'] },
    dataPlane: { address: 'https://models.example.com' },
    deployer: { kind: 'local', port: 7090 },
  };
  const second = { name: 'live', promotesFrom: 'dev', deployer: 'none' };
  const deployer = {
    kind: 'kubernetes',
    namespace: 'models',
    image: 'example/data-plane:1',
    replicas: { min: 1, max: 2 },
    flavor: 'a100',
    resources: { memory: '4Gi' },
    nodeSelector: { disk: 'ssd' },
    idleMinutes: 5,
  };
  const server = { name: 'llama', template: 'vllm', image: 'example/vllm:1' };
  const third = { name: 'gpu', deployer };
  const connections = { llm: { kind: 'openai', secret: 'file:openai' } };
  const modelServers = [{ ...server, env: { OMP_NUM_THREADS: '4' } }];
  const environments = [
    { ...shown, connections },
    second,
    { ...third, deployer: { ...deployer, modelServers } },
  ];
  const [config] = schema.process(
    [{ context: 'test', data: { greenroom: { environments } } }],
    { visibility: ['frontend'], ignoreSchemaErrors: true },
  );
  assert.deepEqual(config.data, {
    greenroom: { environments: [shown, second, third] },
  });
});
