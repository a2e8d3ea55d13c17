import { useRouteRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, Tooltip, TooltipTrigger } from '@backstage/ui';
import { FormDialog } from '@greenroom/ai-react';
import {
  aiDatasetUpdatePermission,
  type Dataset,
} from '@greenroom/plugin-ai-registry-common';
import { RiUploadCloud2Line } from '@remixicon/react';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { datasetRouteRef } from '../routes';
import { UploadState } from '../view/UploadState';
import { DatasetContentFields } from './DatasetContentFields';
import {
  type DatasetContentErrors,
  EMPTY_DATASET_CONTENT,
  readDatasetContent,
} from './datasetForm';
import { useSendDataset } from './useSendDataset';

/** Opens the dialog that makes the next version of a dataset. */
export function UploadDatasetButton({ dataset }: { dataset: Dataset }) {
  const [isOpen, setOpen] = useState(false);
  const allowed = usePermission({
    permission: aiDatasetUpdatePermission,
    resourceRef: dataset.name,
  });
  const refused = !allowed.loading && !allowed.allowed;
  return (
    <>
      <TooltipTrigger isDisabled={!refused}>
        {/* Not disabled when refused: a disabled button cannot be focused to read the reason. */}
        <Button
          variant="primary"
          iconStart={<RiUploadCloud2Line />}
          aria-disabled={refused || undefined}
          onPress={() => !refused && setOpen(true)}
        >
          Upload version
        </Button>
        <Tooltip>
          Only the owner of {dataset.title} and platform administrators may add
          versions.
        </Tooltip>
      </TooltipTrigger>
      <UploadDatasetDialog
        dataset={dataset}
        isOpen={isOpen}
        onOpenChange={setOpen}
      />
    </>
  );
}

interface UploadDatasetDialogProps {
  dataset: Dataset;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
}

function UploadDatasetDialog({ dataset, ...dialog }: UploadDatasetDialogProps) {
  const navigate = useNavigate();
  const datasetLink = useRouteRef(datasetRouteRef);
  const [content, setContent] = useState(EMPTY_DATASET_CONTENT);
  const [errors, setErrors] = useState<DatasetContentErrors>({});
  const sending = useSendDataset();
  const submit = async () => {
    const read = readDatasetContent(content);
    setErrors(read.errors ?? {});
    if (!read.content) return false;
    await sending.send(dataset.name, read.content);
    setContent(EMPTY_DATASET_CONTENT);
    const target = datasetLink?.({ name: dataset.name });
    if (target) navigate(target);
    return true;
  };
  return (
    <FormDialog
      {...dialog}
      title={`Upload version ${(dataset.latestVersion ?? 0) + 1} of ${
        dataset.title
      }`}
      submitLabel="Upload"
      failedTitle="The version was not made"
      onAbort={sending.abort}
      onSubmit={submit}
    >
      <DatasetContentFields
        form={content}
        errors={errors}
        onChange={part => {
          setContent(old => ({ ...old, ...part }));
          setErrors({});
        }}
      />
      {sending.share !== undefined && (
        <UploadState
          share={sending.share}
          done="Sent. The registry reads the last rows."
        />
      )}
    </FormDialog>
  );
}
