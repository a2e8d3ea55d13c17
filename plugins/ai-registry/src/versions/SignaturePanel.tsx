import { DataTable, Panel } from '@greenroom/ai-react';
import type {
  Signature,
  TensorSpec,
} from '@greenroom/plugin-ai-registry-common';
import { formatShape } from '../view/format';

const SHOWN_LABELS = 8;

function formatLabels(labels: readonly string[] = []): string {
  const more = labels.length - SHOWN_LABELS;
  const shown = labels.slice(0, SHOWN_LABELS).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** What a version takes and gives, as its file declares it. */
export function SignaturePanel(props: {
  signature: Signature;
  /** Where it was read; the model file when left out. */
  source?: string;
}) {
  const { signature, source = 'the model file' } = props;
  const named = signature.outputs.some(({ labels }) => labels);
  const rows = (direction: string, tensors: TensorSpec[]) =>
    tensors.map(tensor => [
      direction,
      tensor.name,
      tensor.datatype,
      formatShape(tensor.shape),
      ...(named ? [formatLabels(tensor.labels)] : []),
    ]);
  return (
    <Panel
      title="Signature"
      description={`Read from ${source}. A star is a free dimension, such as the batch.`}
    >
      <DataTable
        caption="Inputs and outputs"
        columns={[
          '',
          'Tensor',
          'Datatype',
          'Shape',
          ...(named ? ['Classes'] : []),
        ]}
        rows={[
          ...rows('in', signature.inputs),
          ...rows('out', signature.outputs),
        ]}
      />
    </Panel>
  );
}
