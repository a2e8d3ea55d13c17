import { z } from 'zod';

/** As much of Vertex AI's `generateContent` as is used, in its own words. */
export interface GenerateContentRequest {
  contents: Content[];
  systemInstruction?: { parts: Part[] };
  tools?: { functionDeclarations: FunctionDeclaration[] }[];
  toolConfig?: {
    functionCallingConfig: {
      mode: 'AUTO' | 'ANY' | 'NONE';
      allowedFunctionNames?: string[];
    };
  };
  generationConfig?: Record<string, unknown>;
}

export interface Content {
  role: 'user' | 'model';
  parts: Part[];
}

export type Part =
  | { text: string }
  | { inlineData: { mimeType: string; data: string } }
  | { fileData: { mimeType: string; fileUri: string } }
  | {
      functionCall: { name: string; args: Record<string, unknown> };
      thoughtSignature?: string;
    }
  | {
      functionResponse: { name: string; response: Record<string, unknown> };
    };

export interface FunctionDeclaration {
  name: string;
  description?: string;
  /** JSON Schema as it is. */
  parametersJsonSchema?: unknown;
}

const count = z.number().int().nonnegative().optional();

const answerPart = z.looseObject({
  text: z.string().optional(),
  /** What the model thought, not what it says. */
  thought: z.boolean().optional(),
  thoughtSignature: z.string().optional(),
  functionCall: z
    .looseObject({
      name: z.string(),
      args: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
});

const candidate = z.looseObject({
  index: z.number().optional(),
  content: z.looseObject({ parts: z.array(answerPart).optional() }).optional(),
  finishReason: z.string().optional(),
});

/** An answer, or a part of a streamed one. */
export const generateContentResponse = z.looseObject({
  candidates: z.array(candidate).optional(),
  promptFeedback: z
    .looseObject({
      blockReason: z.string().optional(),
      blockReasonMessage: z.string().optional(),
    })
    .optional(),
  usageMetadata: z
    .looseObject({
      promptTokenCount: count,
      candidatesTokenCount: count,
      thoughtsTokenCount: count,
      cachedContentTokenCount: count,
    })
    .optional(),
  modelVersion: z.string().optional(),
  responseId: z.string().optional(),
});

export type GenerateContentResponse = z.infer<typeof generateContentResponse>;
export type Candidate = z.infer<typeof candidate>;

export const googleError = z.looseObject({
  error: z.looseObject({
    code: z.number().optional(),
    message: z.string(),
    status: z.string().optional(),
  }),
});
