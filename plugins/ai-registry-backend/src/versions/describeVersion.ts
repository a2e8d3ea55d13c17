import { InputError } from '@backstage/errors';
import type { ArtifactStore } from '@greenroom/artifact-store';
import {
  BundleError,
  type ExternalDescriptor,
  parseDescriptor,
} from '@greenroom/bundle-file';
import {
  isPersonal,
  type Model,
  type NewVersion,
  type ReferenceFile,
} from '@greenroom/plugin-ai-registry-common';
import { readOnnxSignature } from '../onnx/readOnnxSignature';
import { Readable } from 'node:stream';
import { licenceOfCard, readCard } from './card/readCard';
import { checkEvaluation } from './checkEvaluation';
import { checkSchema } from './checkSchema';
import { encodeReference } from './encodeReference';
import { freezeReference } from './freezeReference';
import { nameClasses } from './nameClasses';
import { RUNS_AT_PROVIDER } from './external';
import { NOT_SERVED_YET } from './mlflow/notServed';
import type { TakenFiles } from './VersionFiles';
import type { VersionFields } from './VersionStore';

type Described = Omit<VersionFields, 'model' | 'version' | 'createdBy'>;

/**
 * Reads the file that says what a new version is, and holds what is said about it against it.
 *
 * @throws InputError that names the field that does not fit
 */
export async function describeVersion(
  version: NewVersion,
  options: {
    model: Pick<Model, 'task' | 'tags'>;
    taken: TakenFiles;
    artifacts: ArtifactStore;
  },
): Promise<Described> {
  const { taken, artifacts } = options;
  const { task } = options.model;
  const { schema, evaluation } = version;
  if (schema && schema.task !== task) {
    throw new InputError(
      `schema.task is ${schema.task}, but the task of the model is ${task}`,
    );
  }
  if (evaluation) checkEvaluation(evaluation);
  const { format, digest, sizeBytes, files, pickles, mlmodel } = taken;
  const said = {
    format,
    digest,
    sizeBytes,
    files,
    pickles,
    mlflow: mlmodel?.facts,
    ...(taken.card !== undefined && {
      card: taken.card,
      licence: licenceOfCard(readCard(taken.card)),
    }),
    description: version.description ?? '',
    evaluation,
    tags: version.tags ?? {},
    source: version.source ?? {},
  };
  const described = {
    ...said,
    ...(await describeFiles(version, options)),
  };
  return {
    ...described,
    reference: isPersonal(options.model)
      ? undefined
      : await storeReference(version, artifacts),
  };
}

async function describeFiles(
  version: NewVersion,
  options: {
    model: Pick<Model, 'task'>;
    taken: TakenFiles;
    artifacts: ArtifactStore;
  },
) {
  switch (options.taken.format) {
    case 'external':
      return describeExternal(version, options);
    case 'mlflow':
      return describeFolder(version, options.taken);
    default:
      return describeOnnx(version, options);
  }
}

/** After the rows were held against the schema. */
async function storeReference(
  { reference, schema }: NewVersion,
  artifacts: ArtifactStore,
): Promise<ReferenceFile | undefined> {
  if (!reference || !schema) return undefined;
  const { content, rows } = encodeReference(reference, schema);
  const { digest, sizeBytes } = await artifacts.put(Readable.from([content]));
  return { digest, sizeBytes, rows };
}

async function describeOnnx(
  { schema: given, reference }: NewVersion,
  {
    taken,
    artifacts,
    model: { task },
  }: {
    taken: TakenFiles;
    artifacts: ArtifactStore;
    model: Pick<Model, 'task'>;
  },
) {
  const { model, files, conversion } = taken;
  // Where nobody says otherwise, the converter knows which column is which input.
  const declared =
    given ??
    (conversion?.schema?.task === task ? conversion.schema : undefined);
  const reader = await artifacts.openReader(model.digest);
  const { signature, modelFile } = await readOnnxSignature(reader, {
    modelPath: model.path,
    files: files ?? [],
  }).finally(() => reader.close());
  if (declared) checkSchema(declared, signature);
  const schema = declared && nameClasses(declared, signature);
  return {
    modelFile,
    signature,
    schema,
    servability: { state: 'pending' } as const,
    baseline: reference && freezeReference(reference, schema, signature),
  };
}

/** Of MLflow: nothing in it is loaded, so that only what MLmodel says is known. */
function describeFolder(
  { schema, reference }: NewVersion,
  { mlmodel, notServed }: TakenFiles,
) {
  const signature = mlmodel?.signature;
  if (!signature && (schema || reference)) {
    throw new InputError(
      `${
        schema ? 'schema' : 'reference'
      }: MLmodel has no signature of tensors to hold it against: leave it out, or log the model with one`,
    );
  }
  if (schema && signature) checkSchema(schema, signature);
  return {
    signature,
    schema,
    servability: {
      state: 'not-tried',
      reason: notServed ? `${NOT_SERVED_YET}. ${notServed}` : NOT_SERVED_YET,
    } as const,
    baseline:
      reference && signature && freezeReference(reference, schema, signature),
  };
}

async function describeExternal(
  { schema, reference }: NewVersion,
  { taken, artifacts }: { taken: TakenFiles; artifacts: ArtifactStore },
) {
  const external = await readDescriptor(taken, artifacts);
  const signature = external.tensors?.signature;
  if (!signature && (schema || reference)) {
    throw new InputError(
      `${
        schema ? 'schema' : 'reference'
      }: a model that takes texts has no tensors to describe: leave it out`,
    );
  }
  if (schema && signature) checkSchema(schema, signature);
  return {
    external,
    signature,
    schema,
    servability: { state: 'not-tried', reason: RUNS_AT_PROVIDER } as const,
    baseline:
      reference && signature && freezeReference(reference, schema, signature),
  };
}

async function readDescriptor(
  { model }: TakenFiles,
  artifacts: ArtifactStore,
): Promise<ExternalDescriptor> {
  const chunks: Buffer[] = [];
  for await (const chunk of await artifacts.open(model.digest)) {
    chunks.push(chunk);
  }
  try {
    return parseDescriptor(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw error instanceof BundleError
      ? new InputError(`bundle: ${error.message}`)
      : error;
  }
}
