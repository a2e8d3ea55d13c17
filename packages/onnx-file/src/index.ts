/**
 * Reads ONNX files: the wire format, and the graph without its weights.
 *
 * @packageDocumentation
 */
export { checkExternalData } from './checkExternalData';
export { OnnxFileError } from './OnnxFileError';
export {
  isBytes,
  isVarint,
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
