import {
  BundleError,
  DESCRIPTOR_FILE,
  EXTERNAL_TASKS,
  type ExternalDescriptor,
  parseDescriptor,
} from '@greenroom/bundle-file';
import type { PickedFile } from './pickFiles';

type Task = ExternalDescriptor['tasks'][number];

/** What the dialog holds of a model that a provider runs, while it is filled in. */
export interface ExternalForm {
  connection: string;
  model: string;
  tasks: Task[];
  /** JSON; empty for none. */
  parameters: string;
  systemMessage: string;
}

export type ExternalErrors = Partial<Record<keyof ExternalForm, string>>;

export const EMPTY_EXTERNAL: ExternalForm = {
  connection: '',
  model: '',
  tasks: ['chat'],
  parameters: '',
  systemMessage: '',
};

/** Fields of the descriptor that fields of the form are about. */
const FIELDS: Record<string, keyof ExternalForm> = {
  connection: 'connection',
  model: 'model',
  tasks: 'tasks',
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
  const message = form.systemMessage.trim();
  const descriptor: ExternalDescriptor = {
    formatVersion: 1,
    connection: form.connection.trim(),
    model: form.model.trim(),
    tasks: EXTERNAL_TASKS.filter(task => form.tasks.includes(task)),
    parameters,
    messages: message ? [{ role: 'system', content: message }] : [],
  };
  const missing: ExternalErrors = {
    ...(!descriptor.connection && {
      connection: 'Name the connection that environments map to the provider.',
    }),
    ...(!descriptor.model && {
      model: 'Name the model as the provider calls it.',
    }),
    ...(descriptor.tasks.length === 0 && {
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
  if (!text.trim()) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as ExternalDescriptor['parameters'])
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
