import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Radio, RadioGroup, TextAreaField, TextField } from '@backstage/ui';
import { FormDialog } from '@greenroom/ai-react';
import type { Model } from '@greenroom/plugin-ai-registry-common';
import { useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { versionRouteRef } from '../routes';
import { FileField } from '../view/FileField';
import { UploadState } from '../view/UploadState';
import { ExternalFields } from './ExternalFields';
import { EMPTY_EXTERNAL } from './externalForm';
import { FilesField } from './FilesField';
import { sendFiles, type UploadProgress } from './sendFiles';
import {
  readVersionUpload,
  type VersionUploadErrors,
  type VersionUploadForm,
} from './versionUpload';

export interface UploadVersionDialogProps {
  model: Model;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
}

const EMPTY: VersionUploadForm = {
  kind: 'files',
  external: EMPTY_EXTERNAL,
  files: [],
  description: '',
  commit: '',
};

/** Uploads the files of a version, registers it as the next one and goes to its page. */
export function UploadVersionDialog(props: UploadVersionDialogProps) {
  const { model } = props;
  const registry = useApi(aiRegistryApiRef);
  const navigate = useNavigate();
  const versionLink = useRouteRef(versionRouteRef);
  const [form, setForm] = useState(EMPTY);
  const [errors, setErrors] = useState<VersionUploadErrors>({});
  const [progress, setProgress] = useState<UploadProgress>();
  const upload = useRef<AbortController>();
  useEffect(() => () => upload.current?.abort(), []);

  const change = (part: Partial<VersionUploadForm>) => {
    setForm({ ...form, ...part });
    setErrors({});
  };
  const submit = async () => {
    const read = await readVersionUpload(form);
    setErrors(read.errors ?? {});
    if (!read.version) return false;
    upload.current = new AbortController();
    const { signal } = upload.current;
    try {
      const sent = await sendFiles(registry, read, {
        onProgress: setProgress,
        signal,
      });
      const version = await registry.createVersion(
        model.name,
        { ...read.version, ...sent },
        { signal },
      );
      setForm(EMPTY);
      const target = versionLink?.({
        name: model.name,
        version: String(version.version),
      });
      if (target) navigate(target);
      return true;
    } finally {
      setProgress(undefined);
    }
  };

  return (
    <FormDialog
      isOpen={props.isOpen}
      onOpenChange={props.onOpenChange}
      title={`Upload version ${(model.latestVersion ?? 0) + 1} of ${
        model.title
      }`}
      submitLabel="Upload"
      failedTitle="The version was not registered"
      onAbort={() => upload.current?.abort()}
      onSubmit={submit}
    >
      <RadioGroup
        label="What it is"
        orientation="horizontal"
        value={form.kind}
        onChange={kind =>
          change({ kind: kind === 'external' ? 'external' : 'files' })
        }
      >
        <Radio value="files">Files of a model</Radio>
        <Radio value="external">A provider's model</Radio>
      </RadioGroup>
      {form.kind === 'external' ? (
        <ExternalFields
          form={form.external}
          errors={errors.external ?? {}}
          onChange={part => change({ external: { ...form.external, ...part } })}
        />
      ) : (
        <FilesField
          label="ONNX file, all files of a bundle, or a folder of MLflow"
          description="Inputs and outputs are read from the model: the only ONNX file, or model.onnx. External weights, tokenizers and labels travel with it. A folder with MLmodel in it is kept as MLflow wrote it."
          files={form.files}
          error={errors.files}
          onChange={files => change({ files })}
        />
      )}
      <FileField
        label="Description file"
        description="JSON from the training script: schema, evaluation, reference rows, tags and source."
        accept=".json,application/json"
        file={form.descriptionFile}
        error={errors.descriptionFile}
        onChange={descriptionFile => change({ descriptionFile })}
      />
      <TextAreaField
        label="What changed"
        rows={2}
        value={form.description}
        onChange={description => change({ description })}
      />
      <TextField
        label="Git commit"
        description="Of the training code; the description file can say it too."
        value={form.commit}
        onChange={commit => change({ commit })}
      />
      {progress && (
        <UploadState
          share={progress.share}
          detail={
            progress.files > 1
              ? `file ${progress.file} of ${progress.files}`
              : undefined
          }
          done="Sent. The registry reads the model."
        />
      )}
    </FormDialog>
  );
}
