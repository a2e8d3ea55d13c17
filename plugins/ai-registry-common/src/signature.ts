/** Tensor datatypes of the Open Inference Protocol v2. BF16 is of models that others run. */
export const DATATYPES = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'BF16',
  'FP32',
  'FP64',
  'BYTES',
] as const;

export type Datatype = (typeof DATATYPES)[number];

/** One input or output tensor as the model file declares it. */
export interface TensorSpec {
  name: string;
  datatype: Datatype;
  /** Size of each dimension; `-1` for a free one, such as the batch. */
  shape: number[];
  /**
   * Of an output: what the places of its last dimension are called, where the model file says so
   * and there are at most 10,000.
   */
  labels?: string[];
}

/** What a version takes and gives, read from the model file itself. */
export interface Signature {
  inputs: TensorSpec[];
  outputs: TensorSpec[];
}

/** One column of an input tensor that has a name people know. */
export interface FeatureSpec {
  name: string;
  /** Input tensor that carries the feature. */
  tensor: string;
  /** Position in that tensor's row, row-major, from 0. */
  index: number;
  description?: string;
  unit?: string;
  /**
   * How drift compares it: numbers by their size, or codes written as numbers by their name.
   * numeric when left out; texts and booleans are categorical in any case.
   */
  kind?: 'numeric' | 'categorical';
  /** Lowest and highest value seen in training. */
  range?: [number, number];
}

/**
 * What the numbers mean: the part of a version's contract that a model file
 * cannot say, declared by whoever trained it.
 */
export interface ModelSchema {
  task: 'classification' | 'regression';
  features: FeatureSpec[];
  /** Set when the features are the pixels of a grey image, row by row. */
  image?: {
    tensor: string;
    /** Pixels. */
    width: number;
    /** Pixels. */
    height: number;
    /** Value of full ink; 0 is the empty page. */
    maxValue: number;
  };
  prediction: {
    /** Output tensor with the answer: a class index, or the estimated value. */
    tensor: string;
    /** Class names by index, for a classification. */
    labels?: string[];
    /**
     * What the model answers for each class, by index, where that is not the index itself, such as
     * 10, 20 and 30. The registry reads it from the model file.
     */
    codes?: string[];
    /** Output tensor of shape [batch, classes] with the class probabilities. */
    probabilityTensor?: string;
    unit?: string;
  };
}
