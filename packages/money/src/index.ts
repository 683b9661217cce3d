export { allCurrencies, type CurrencyCode, currencyCode, fractionDigits, isCurrencyCode } from './currency';
export { type AmountFault, formatAmount, isDecimal, MAX_MINOR, type Money, type ParsedAmount, parseAmount } from './amount';
export { allocate, basisPointsOf, clamp, divideHalfEven, least, proportionOf } from './rounding';
export { currencyOfNumeric, numericCode } from './numeric';
