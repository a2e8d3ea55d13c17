import { toError } from '@backstage/errors';
import type { TemplateSpec } from '@greenroom/plugin-ai-training-common';
import { parseDocument, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { checkAgainst } from '../checkAgainst';
import { lineOfField } from '../lineOfField';
import { ManifestError } from '../ManifestError';
import { MAX_MANIFEST_BYTES, resolveYaml } from '../yamlText';
import { trainingTemplateSchema } from './trainingTemplateSchema';

/** Where a project keeps its template, from the project's folder. */
export const TEMPLATE_PATH = 'greenroom/train.yaml';

/** Name of the file that editors fetch. */
export const TEMPLATE_SCHEMA_FILE = 'training-template.v1.json';

/**
 * Reads a training template.
 *
 * @param where - its path or address, for messages
 * @throws ManifestError that names each field that is wrong, with its line and what was expected
 */
export function parseTrainingTemplate(
  text: string,
  where: string,
): TemplateSpec {
  if (Buffer.byteLength(text) > MAX_MANIFEST_BYTES) {
    throw new ManifestError(where, [
      { message: `expected at most ${MAX_MANIFEST_BYTES} bytes` },
    ]);
  }
  try {
    const { metadata, spec } = checkAgainst(
      trainingTemplateSchema,
      resolveYaml(parseDocument(text)),
      where,
    );
    return {
      ...spec,
      ...metadata,
      title: metadata.title ?? metadata.name,
    };
  } catch (error) {
    if (error instanceof ManifestError) {
      throw new ManifestError(
        where,
        error.faults.map(fault => {
          const line = fault.line ?? lineOfField(text, fault.field ?? []);
          return { ...fault, line, field: fault.field ?? [] };
        }),
      );
    }
    const line =
      error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
    throw new ManifestError(where, [
      { line, message: `not valid YAML: ${toError(error).message}` },
    ]);
  }
}

/** The template for editors and other programs. */
export function trainingTemplateJsonSchema(): Record<string, unknown> {
  // Editors know draft 7 best.
  const { $schema, ...schema } = z.toJSONSchema(trainingTemplateSchema, {
    target: 'draft-7',
    io: 'input',
  });
  return {
    $schema,
    $id: `https://greenroom.dev/schemas/${TEMPLATE_SCHEMA_FILE}`,
    title: 'TrainingTemplate, greenroom.dev/v1',
    ...schema,
  };
}
