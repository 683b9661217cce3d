export { crc16 } from './crc';
export { type DataObjects, readObjects, writeObjects } from './data-objects';
export { type Localised, type MerchantPresented, readMerchantPresented, type Tip, writeMerchantPresented } from './merchant-presented';
export { asciiOf } from './script';
export type { QrFault, Result } from './result';
export { readTaelCode, type TaelCode, type TaelDynamic, type TaelShop, writeTaelCode } from './tael-code';
