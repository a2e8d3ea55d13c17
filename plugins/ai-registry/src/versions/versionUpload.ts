import { BundleError, checkBundle, onnxFileOf } from '@greenroom/bundle-file';
import type { ModelFormat } from '@greenroom/plugin-ai-registry-common';
import {
  readExternalForm,
  type ExternalErrors,
  type ExternalForm,
} from './externalForm';
import type { PickedFile } from './pickFiles';
import {
  readVersionDescription,
  type VersionDescription,
} from './versionDescription';

/** What the "Upload version" dialog holds while it is filled in. */
export interface VersionUploadForm {
  /** Files of a model, or a model that a provider runs. */
  kind: 'files' | 'external';
  external: ExternalForm;
  files: PickedFile[];
  descriptionFile?: File;
  description: string;
  commit: string;
}

export type VersionUploadErrors = Partial<
  Record<'files' | 'descriptionFile', string>
> & { external?: ExternalErrors };

/** The files to upload and what to say about them, or what to correct, by field. */
export async function readVersionUpload(form: VersionUploadForm): Promise<
  | {
      version: VersionDescription;
      /** To upload, in a bundle of this format. */
      files: PickedFile[];
      format: ModelFormat;
      errors?: undefined;
    }
  | { version?: undefined; errors: VersionUploadErrors }
> {
  const errors: VersionUploadErrors = {};
  const external =
    form.kind === 'external' ? readExternalForm(form.external) : undefined;
  if (external?.errors) errors.external = external.errors;
  const wrong = external ? undefined : explainFiles(form.files);
  if (wrong) errors.files = wrong;

  let described: VersionDescription = {};
  if (form.descriptionFile) {
    try {
      described = readVersionDescription(await form.descriptionFile.text());
    } catch (error) {
      errors.descriptionFile =
        error instanceof Error ? error.message : String(error);
    }
  }
  if (Object.keys(errors).length > 0) return { errors };
  const commit = form.commit.trim();
  return {
    files: external?.file ? [external.file] : form.files,
    format: external ? 'external' : formatOf(form.files),
    version: {
      ...described,
      ...(form.description.trim() && { description: form.description.trim() }),
      ...(commit && { source: { ...described.source, commit } }),
    },
  };
}

/** What a folder of MLflow has at its root. */
const MLMODEL = 'MLmodel';

/** A folder that MLflow wrote is told by the file that says how to load it. */
function formatOf(picked: PickedFile[]): Exclude<ModelFormat, 'external'> {
  return picked.some(({ path }) => path === MLMODEL) ? 'mlflow' : 'onnx';
}

/** Stands for digests that are known once the files were sent. */
const SOME_DIGEST = `sha256:${'0'.repeat(64)}` as const;

/** What the registry would refuse after everything was sent; undefined when it would not. */
function explainFiles(picked: PickedFile[]): string | undefined {
  if (picked.length === 0)
    return 'Choose the ONNX file of this version, or the folder that MLflow wrote.';
  const format = formatOf(picked);
  if (picked.length === 1 && format === 'onnx') {
    const [{ path, file }] = picked;
    return file.size === 0 ? `${path} is empty.` : undefined;
  }
  const files = picked.map(({ path, file }) => ({
    path,
    digest: SOME_DIGEST,
    sizeBytes: file.size,
  }));
  try {
    const bundle = { format, files };
    checkBundle(bundle);
    if (format === 'mlflow') return undefined;
    const model = onnxFileOf(bundle);
    return model.sizeBytes === 0 ? `${model.path} is empty.` : undefined;
  } catch (error) {
    if (error instanceof BundleError) return `${error.message}.`;
    throw error;
  }
}
