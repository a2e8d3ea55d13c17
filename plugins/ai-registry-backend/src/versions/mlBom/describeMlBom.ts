import type {
  BundleFile,
  Digest,
  MlBom,
  MlBomComponent,
  Model,
  ModelVersionDetail,
  TensorSpec,
} from '@greenroom/plugin-ai-registry-common';
import { createHash } from 'node:crypto';
import { describeLicences } from './describeLicences';
import { describeMetrics } from './describeMetrics';

export interface MlBomFacts {
  model: Pick<Model, 'name' | 'title' | 'task' | 'owner' | 'tags'>;
  version: ModelVersionDetail;
  /** Of a bundle; a single file is the version itself. */
  files: readonly BundleFile[];
  /** How many evaluations it was given in all. */
  evaluations: number;
  /** Address of its page; undefined where the portal has none. */
  pageUrl?: string;
}

/** The bill of materials of a version (CycloneDX 1.6). The same facts give the same document at any time. */
export function describeMlBom(facts: MlBomFacts): MlBom {
  const { version, evaluations } = facts;
  const root = describeModel(facts);
  const datasets = describeDatasets(version);
  const provided = describeProvided(version);
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: serialNumberOf(version),
    version: 1 + evaluations,
    metadata: {
      timestamp: version.createdAt,
      authors: [{ name: version.createdBy }],
      component: root,
    },
    components: [...datasets, ...provided],
    dependencies: [
      {
        ref: refOf(version),
        dependsOn: provided.flatMap(({ 'bom-ref': ref }) => ref ?? []),
      },
    ],
  };
}

function describeModel({
  model,
  version,
  files,
  pageUrl,
}: MlBomFacts): MlBomComponent {
  const { source, signature, external } = version;
  const performanceMetrics = describeMetrics(version);
  return {
    type: 'machine-learning-model',
    'bom-ref': refOf(version),
    name: model.name,
    version: String(version.version),
    description: version.description || model.title,
    hashes: hashesOf(version.digest),
    ...describeLicences(
      version.licence === undefined ? {} : { license: version.licence },
      version.tags,
      model.tags,
    ),
    ...(source.commit && {
      pedigree: { commits: [{ uid: source.commit }] },
    }),
    externalReferences: externalReferencesOf(version, pageUrl),
    ...(files.length > 0 && {
      components: files.map(({ path, digest }) => ({
        type: 'file',
        name: path,
        hashes: hashesOf(digest as Digest),
      })),
    }),
    modelCard: {
      modelParameters: {
        task: model.task,
        ...(version.evaluation && {
          datasets: describeDatasets(version).map(({ 'bom-ref': ref }) => ({
            ref,
          })),
        }),
        ...(signature && {
          inputs: signature.inputs.map(formatOf),
          outputs: signature.outputs.map(formatOf),
        }),
      },
      ...(performanceMetrics.length > 0 && {
        quantitativeAnalysis: { performanceMetrics },
      }),
    },
    properties: properties({
      'greenroom:owner': model.owner,
      'greenroom:format': version.format,
      'greenroom:hash-of': version.files === undefined ? 'file' : 'bundle.json',
      'greenroom:opset': version.modelFile?.opset?.toString(),
      'greenroom:producer': version.modelFile?.producer,
      'greenroom:connection': external?.connection,
      'greenroom:repository': source.repository,
      'greenroom:training-script': source.path,
      'greenroom:training-run': source.run,
    }),
  };
}

/** What it was evaluated on; its further evaluations are on the same rows. */
function describeDatasets({
  evaluation,
}: ModelVersionDetail): MlBomComponent[] {
  if (!evaluation) return [];
  const { name, digest, rows } = evaluation.dataset;
  return [
    {
      type: 'data',
      'bom-ref': `dataset:${digest}`,
      name,
      hashes: hashesOf(digest),
      data: [{ type: 'dataset', name }],
      properties: properties({ 'greenroom:rows': String(rows) }),
    },
  ];
}

/** The model that a provider runs: nobody else can tell the digest of its files. */
function describeProvided({ external }: ModelVersionDetail): MlBomComponent[] {
  if (!external) return [];
  const { connection, model } = external;
  return [
    {
      type: 'machine-learning-model',
      'bom-ref': `provider:${connection}/${model}`,
      name: model,
      description: `Run by a provider, over the connection ${connection}.`,
    },
  ];
}

function externalReferencesOf(
  { source }: ModelVersionDetail,
  pageUrl: string | undefined,
) {
  return [
    {
      type: 'vcs',
      url: source.repository,
      comment: source.commit && `Commit ${source.commit}`,
    },
    { type: 'build-meta', url: source.run, comment: 'Training run' },
    { type: 'website', url: pageUrl },
  ].flatMap(({ type, url, comment }) =>
    url !== undefined && isAddress(url)
      ? [{ type, url, ...(comment && { comment }) }]
      : [],
  );
}

/** What is no address, such as the number of a run, is told as a property alone. */
function isAddress(text: string): boolean {
  return /^(https?|ssh|git):\/\/\S+$/.test(text) && URL.canParse(text);
}

function formatOf({ name, datatype, shape }: TensorSpec) {
  return { format: `${name}: ${datatype} [${shape.join(', ')}]` };
}

function hashesOf(digest: Digest): MlBomComponent['hashes'] {
  return [{ alg: 'SHA-256', content: digest.replace('sha256:', '') }];
}

function properties(values: Record<string, string | undefined>) {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{ name, value }],
  );
}

function refOf({ model, version }: ModelVersionDetail): string {
  return `model:${model}@${version}`;
}

/** A UUID of version 8 (RFC 9562): 122 bits of a hash. */
function serialNumberOf({
  model,
  version,
  digest,
}: ModelVersionDetail): string {
  const bytes = createHash('sha256')
    .update(`${model}@${version} ${digest}`)
    .digest()
    .subarray(0, 16);
  bytes[6] = 0x80 + (bytes[6] % 0x10);
  bytes[8] = 0x80 + (bytes[8] % 0x40);
  const hex = bytes.toString('hex');
  return `urn:uuid:${hex.replace(
    /^(.{8})(.{4})(.{4})(.{4})(.{12})$/,
    '$1-$2-$3-$4-$5',
  )}`;
}
