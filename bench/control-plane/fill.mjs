// @ts-check
import { randomUUID } from 'node:crypto';
import { pushFirstDeployments } from '../../scripts/demo/environmentsRepository.mjs';
import { OWNER } from './stack.mjs';

const SIGNATURE = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 10] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
};

export function modelName(number) {
  return `model-${String(number).padStart(5, '0')}`;
}

export function digestOf(number) {
  return `sha256:${number.toString(16).padStart(64, '0')}`;
}

/** Registers models `from` to `to` (not included), each with as many versions, past the API. */
export async function fillModels(database, { from, to, versions }) {
  await database.query(
    `insert into "ai-registry".models (
       name, title, description, task, owner, tags, last_version, created_at, created_by, updated_at)
     select 'model-' || lpad(n::text, 5, '0'), 'Model ' || n, 'Filled in for a benchmark.',
       'regression', $3, jsonb_build_object('shard', (n % 16)::text), $4::int,
       now() - n * interval '1 second', $3, now() - n * interval '1 second'
     from generate_series($1::int, $2::int - 1) as n`,
    [from, to, OWNER, versions],
  );
  await database.query(
    `insert into "ai-registry".versions (
       model, version, description, format, digest, size_bytes, signature, tags, source,
       created_at, created_by)
     select 'model-' || lpad(n::text, 5, '0'), v, '', 'onnx', 'sha256:' || lpad(to_hex(n), 64, '0'),
       10000, $3, '{}', '{}', now() - v * interval '1 minute', $4
     from generate_series($1::int, $2::int - 1) as n, generate_series(1, $5::int) as v`,
    [from, to, JSON.stringify(SIGNATURE), OWNER, versions],
  );
  await database.query('analyze');
}

/** Deploys the first version of models the way people do: manifests in Git. */
export async function deploy(repository, { from, to }) {
  const deployments = [];
  for (let number = from; number < to; number++) {
    const model = modelName(number);
    deployments.push({ model, version: 1, digest: digestOf(number) });
  }
  await pushFirstDeployments(repository, deployments);
}

export async function fillKeys(database, count) {
  const ids = Array.from({ length: count }, () => randomUUID());
  await database.query(
    `insert into "ai-inference".api_keys (
       id, purpose, name, owner, sha256, prefix, models, created_at, created_by, expires_at)
     select id, 'caller', 'bench', $2, encode(sha256(id::text::bytea), 'hex'), 'gr_bench',
       array['model-00000'], now(), $2, now() + interval '30 days'
     from unnest($1::uuid[]) as id`,
    [ids, OWNER],
  );
}
