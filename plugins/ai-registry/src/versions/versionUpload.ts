import {
  readVersionDescription,
  type VersionDescription,
} from './versionDescription';

/** What the "Upload version" dialog holds while it is filled in. */
export interface VersionUploadForm {
  file?: File;
  descriptionFile?: File;
  description: string;
  commit: string;
}

export type VersionUploadErrors = Partial<
  Record<keyof VersionUploadForm, string>
>;

/** The file to upload and what to say about it, or what to correct, by field. */
export async function readVersionUpload(
  form: VersionUploadForm,
): Promise<
  | { file: File; version: VersionDescription; errors?: undefined }
  | { file?: undefined; version?: undefined; errors: VersionUploadErrors }
> {
  const errors: VersionUploadErrors = {};
  if (!form.file) errors.file = 'Choose the ONNX file of this version.';
  else if (form.file.size === 0) errors.file = `${form.file.name} is empty.`;

  let described: VersionDescription = {};
  if (form.descriptionFile) {
    try {
      described = readVersionDescription(await form.descriptionFile.text());
    } catch (error) {
      errors.descriptionFile =
        error instanceof Error ? error.message : String(error);
    }
  }
  if (!form.file || Object.keys(errors).length > 0) return { errors };
  const commit = form.commit.trim();
  return {
    file: form.file,
    version: {
      ...described,
      ...(form.description.trim() && { description: form.description.trim() }),
      ...(commit && { source: { ...described.source, commit } }),
    },
  };
}
