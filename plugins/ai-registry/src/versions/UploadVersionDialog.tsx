import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Text, TextAreaField, TextField, VisuallyHidden } from '@backstage/ui';
import { ProgressBar } from '@greenroom/ai-react';
import type { Model } from '@greenroom/plugin-ai-registry-common';
import { useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { versionRouteRef } from '../routes';
import { FileField } from '../view/FileField';
import { FormDialog } from '../view/FormDialog';
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

const EMPTY: VersionUploadForm = { description: '', commit: '' };

/** Uploads an ONNX file, registers it as the next version and goes to its page. */
export function UploadVersionDialog(props: UploadVersionDialogProps) {
  const { model } = props;
  const registry = useApi(aiRegistryApiRef);
  const navigate = useNavigate();
  const versionLink = useRouteRef(versionRouteRef);
  const [form, setForm] = useState(EMPTY);
  const [errors, setErrors] = useState<VersionUploadErrors>({});
  const [share, setShare] = useState<number>();
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
    setShare(0);
    try {
      const artifact = await registry.uploadFile(read.file, {
        onProgress: setShare,
        signal,
      });
      const version = await registry.createVersion(
        model.name,
        { ...read.version, digest: artifact.digest },
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
      setShare(undefined);
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
      <FileField
        label="ONNX file"
        description="Inputs, outputs and their datatypes are read from the file."
        accept=".onnx"
        isRequired
        file={form.file}
        error={errors.file}
        onChange={file => change({ file })}
      />
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
      {share !== undefined && (
        <div>
          <ProgressBar value={share} label="Upload" />
          <Text variant="body-small" color="secondary">
            {share < 1
              ? `${Math.floor(share * 100)} % sent`
              : 'Sent. The registry reads the file.'}
          </Text>
          {/* Every percent would be too much to listen to. */}
          <VisuallyHidden role="status">
            {share < 1
              ? `${Math.floor(share * 4) * 25} percent sent`
              : 'Sent. The registry reads the file.'}
          </VisuallyHidden>
        </div>
      )}
    </FormDialog>
  );
}
