import { DataTable, Panel } from '@greenroom/ai-react';
import type {
  Signature,
  TensorSpec,
} from '@greenroom/plugin-ai-registry-common';
import { formatShape } from '../view/format';

/** What a version takes and gives, as its file declares it. */
export function SignaturePanel(props: {
  signature: Signature;
  /** Where it was read; the model file when left out. */
  source?: string;
}) {
  const { signature, source = 'the model file' } = props;
  const rows = (direction: string, tensors: TensorSpec[]) =>
    tensors.map(tensor => [
      direction,
      tensor.name,
      tensor.datatype,
      formatShape(tensor.shape),
    ]);
  return (
    <Panel
      title="Signature"
      description={`Read from ${source}. A star is a free dimension, such as the batch.`}
    >
      <DataTable
        caption="Inputs and outputs"
        columns={['', 'Tensor', 'Datatype', 'Shape']}
        rows={[
          ...rows('in', signature.inputs),
          ...rows('out', signature.outputs),
        ]}
      />
    </Panel>
  );
}
