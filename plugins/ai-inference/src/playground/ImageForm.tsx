import type { ModelSchema } from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { rasterize, Stroke } from './drawing';
import { DrawingPad } from './DrawingPad';
import type { FeatureValues } from '@greenroom/plugin-ai-inference-common';
import { PixelPreview } from './PixelPreview';
import styles from './playground.module.css';

interface ImageFormProps {
  schema: ModelSchema & Required<Pick<ModelSchema, 'image'>>;
  onChange(values: FeatureValues): void;
  /** A stroke is finished: a good moment to ask the model. */
  onFinish(values: FeatureValues): void;
}

/** Drawing instead of typing the pixels. */
export function ImageForm({ schema, onChange, onFinish }: ImageFormProps) {
  const { image } = schema;
  const [strokes, setStrokes] = useState<Stroke[]>([]);
  const pixels = rasterize(strokes, image);
  return (
    <div className={styles.imageForm}>
      <DrawingPad
        label="Drawing pad"
        strokes={strokes}
        onChange={next => {
          setStrokes(next);
          onChange(valuesOf(schema, rasterize(next, image)));
        }}
        onStrokeEnd={() => onFinish(valuesOf(schema, pixels))}
      />
      <PixelPreview
        pixels={pixels}
        width={image.width}
        maxValue={image.maxValue}
      />
    </div>
  );
}

/** Pixels under the names of their features; those of an empty page are all zero. */
function valuesOf(
  { features, image }: ImageFormProps['schema'],
  pixels: number[],
): FeatureValues {
  return Object.fromEntries(
    features
      .filter(({ tensor }) => tensor === image.tensor)
      .map(({ name, index }) => [name, pixels[index] ?? 0]),
  );
}
