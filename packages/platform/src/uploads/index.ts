export {
  type ChunkPlan, type DocumentSoFar, planChunk, readAnnouncement, readContent, sumOfChunks, type UploadFault, uploadFault, WRONG_SUMS_MAX,
} from './chunk';
export {
  CHUNK_BYTES, CHUNK_TEXT_MAX, chunkCount, chunkLength, DOCUMENT_BYTES_MAX, isSize, MEDIA_TYPES, type MediaType, readBase64, readSha256, sniff,
} from './document';
