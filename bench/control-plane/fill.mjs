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

/**
 * Registers models `from` to `to` (not included), each with as many versions, past the API.
 *
 * @param {import('pg').Client} database
 * @param {{ from: number, to: number, versions: number, file?: { digest: string, signature: object, schema: object, sizeBytes: number } }} options
 *   `file` is what all versions are; each model has a digest of its own, of no file, without it
 */
export async function fillModels(
  database,
  { from, to, versions, file = undefined },
) {
  await database.query(
    `insert into "ai-registry".models (
       name, external_name, title, description, task, owner, tags, last_version, created_at, created_by, updated_at)
     select 'model-' || lpad(n::text, 5, '0'), 'model-' || lpad(n::text, 5, '0'), 'Model ' || n, 'Filled in for a benchmark.',
       'regression', $3, jsonb_build_object('shard', (n % 16)::text), $4::int,
       now() - n * interval '1 second', $3, now() - n * interval '1 second'
     from generate_series($1::int, $2::int - 1) as n`,
    [from, to, OWNER, versions],
  );
  await database.query(
    `insert into "ai-registry".versions (
       model, version, description, format, digest, size_bytes, signature, schema, tags, source,
       created_at, created_by)
     select 'model-' || lpad(n::text, 5, '0'), v, '', 'onnx',
       coalesce($6, 'sha256:' || lpad(to_hex(n), 64, '0')), $7, $3, $8, '{}', '{}',
       now() - v * interval '1 minute', $4
     from generate_series($1::int, $2::int - 1) as n, generate_series(1, $5::int) as v`,
    [
      from,
      to,
      JSON.stringify(file?.signature ?? SIGNATURE),
      OWNER,
      versions,
      file?.digest,
      file?.sizeBytes ?? 10_000,
      file && JSON.stringify(file.schema),
    ],
  );
  await database.query('analyze');
}

/**
 * Deploys the first version of models the way people do: manifests in Git.
 *
 * @param {string} repository
 * @param {{ from: number, to: number, digest?: string }} options - `digest` is that of all of them
 */
export async function deploy(repository, { from, to, digest = undefined }) {
  const deployments = [];
  for (let number = from; number < to; number++) {
    const model = modelName(number);
    deployments.push({ model, version: 1, digest: digest ?? digestOf(number) });
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
