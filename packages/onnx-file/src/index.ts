/**
 * Reads ONNX files: the wire format, the graph without its weights, and what is served of it.
 *
 * @packageDocumentation
 */
export { checkExternalData } from './checkExternalData';
export { OnnxFileError } from './OnnxFileError';
export {
  ELEMENTS,
  isBytes,
  isVarint,
  LISTS,
  ProtobufReader,
  type RandomAccessBytes,
  type Span,
  type WireField,
} from './ProtobufReader';
export {
  readOnnxGraph,
  type OnnxAttribute,
  type OnnxConstant,
  type OnnxGraph,
  type OnnxNode,
} from './readOnnxGraph';
export { readExternalData, type ExternalData } from './readExternalData';
export {
  makeServable,
  type ServableModel,
  type ServingOptions,
} from './serving/makeServable';
