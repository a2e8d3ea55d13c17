import {
  BundleError,
  DESCRIPTOR_FILE,
  EXTERNAL_TASKS,
  type ExternalDescriptor,
  parseDescriptor,
} from '@greenroom/bundle-file';
import type { PickedFile } from './pickFiles';

type Task = ExternalDescriptor['tasks'][number];
type TensorInterface = NonNullable<ExternalDescriptor['tensors']>;
type TensorProtocol = TensorInterface['protocol'];

/** What the dialog holds of a model that a provider runs, while it is filled in. */
export interface ExternalForm {
  connection: string;
  model: string;
  takes: 'texts' | 'tensors';
  /** For texts. */
  tasks: Task[];
  /** For tensors. */
  protocol: TensorProtocol;
  /** JSON with inputs and outputs, for tensors. */
  signature: string;
  /** JSON; empty for none. */
  parameters: string;
  /** For texts. */
  systemMessage: string;
}

export type ExternalErrors = Partial<Record<keyof ExternalForm, string>>;

export const EMPTY_EXTERNAL: ExternalForm = {
  connection: '',
  model: '',
  takes: 'texts',
  tasks: ['chat'],
  protocol: 'open-inference',
  signature: '',
  parameters: '',
  systemMessage: '',
};

/** Fields of the descriptor that fields of the form are about. */
const FIELDS: Record<string, keyof ExternalForm> = {
  connection: 'connection',
  model: 'model',
  tasks: 'tasks',
  tensors: 'signature',
  parameters: 'parameters',
  messages: 'systemMessage',
};

/** The only file of the version, or what to correct, by field. */
export function readExternalForm(
  form: ExternalForm,
):
  | { file: PickedFile; errors?: undefined }
  | { file?: undefined; errors: ExternalErrors } {
  const parameters = readParameters(form.parameters);
  if (!parameters) {
    return {
      errors: {
        parameters:
          'Write a JSON object such as {"temperature": 0.2}, or leave it empty.',
      },
    };
  }
  const tensors = form.takes === 'tensors' ? readTensors(form) : undefined;
  if (form.takes === 'tensors' && !tensors) {
    return {
      errors: {
        signature:
          'Write a JSON object with inputs and outputs, each a list of {"name", "datatype", "shape"}.',
      },
    };
  }
  const message = form.systemMessage.trim();
  const descriptor: ExternalDescriptor = {
    formatVersion: 1,
    connection: form.connection.trim(),
    model: form.model.trim(),
    tasks: tensors
      ? []
      : EXTERNAL_TASKS.filter(task => form.tasks.includes(task)),
    ...(tensors && { tensors }),
    parameters,
    messages: message && !tensors ? [{ role: 'system', content: message }] : [],
  };
  const missing: ExternalErrors = {
    ...(!descriptor.connection && {
      connection: 'Name the connection that environments map to the provider.',
    }),
    ...(!descriptor.model && {
      model: 'Name the model as the provider calls it.',
    }),
    ...(!tensors &&
      descriptor.tasks.length === 0 && {
        tasks: 'Choose what it can be asked for.',
      }),
  };
  if (Object.keys(missing).length > 0) return { errors: missing };
  const text = JSON.stringify(descriptor, undefined, 2);
  try {
    parseDescriptor(text);
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    return { errors: { [fieldOf(error.message)]: sentenceOf(error.message) } };
  }
  const file = new File([text], DESCRIPTOR_FILE, { type: 'application/json' });
  return { file: { path: DESCRIPTOR_FILE, file } };
}

function readParameters(
  text: string,
): ExternalDescriptor['parameters'] | undefined {
  return text.trim()
    ? (readObject(text) as ExternalDescriptor['parameters'] | undefined)
    : {};
}

/** What else a server says of its model is left out. */
function readTensors({
  protocol,
  signature: text,
}: ExternalForm): TensorInterface | undefined {
  const value = readObject(text);
  if (!value) return undefined;
  const { inputs, outputs } = value;
  // The descriptor is checked as a whole.
  const signature = { inputs, outputs } as TensorInterface['signature'];
  return { protocol, signature };
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { ...value }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Messages begin with the file and the field: `external.json: tasks.0: expected ...`. */
function fieldOf(message: string): keyof ExternalForm {
  const name = message.split(': ')[1]?.split('.')[0] ?? '';
  return FIELDS[name] ?? 'model';
}

function sentenceOf(message: string): string {
  return `${message.split(': ').slice(1).join(': ')}.`;
}
