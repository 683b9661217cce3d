export { type ConnectionTracker, trackConnections } from './connection.tracker';
export { BODY_BYTES_MAX, createHttpServer, type HttpServerOptions } from './http.server';
export { beside, createReadiness, type HealthCheck, type PartHealth, type Readiness } from './health';
export {
  type Admission, ADMISSION_DEFAULTS, type AdmissionLimits, type AdmissionRefusal, createAdmission, type Pressure,
} from './admission';
export { createWorkLimit, type WorkLimit } from './work-limit';
export { type ManagementServer, startManagementServer } from './management.server';
export { type Standstill, watchStandstill } from './standstill';
