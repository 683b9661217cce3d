/**
 * The stores within a distance of a place, the nearest first, after a position: in business, of merchants that can be paid.
 * The boxes hold all of them, and more; the haversine of the same sum as distanceM decides, in whole millimetres. Without
 * scans of a whole table or of a whole other index, so that a plan that was made while the tables were empty reads by place
 * also when they are full.
 */
export const STORES_NEARBY = `
  CREATE FUNCTION stores_nearby(p_latitude float8, p_longitude float8, p_earth float8, p_reach bigint, p_one box, p_other box,
    p_after bigint, p_after_id uuid, p_limit integer) RETURNS TABLE (found store, millimetres bigint)
  LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_indexscan = off SET jit = off AS $$
  BEGIN
    RETURN QUERY
      SELECT s, d.mm FROM store s
      CROSS JOIN LATERAL (SELECT round(2000 * p_earth * asin(least(1, sqrt(
        power(sin(radians(s."latitudeE6" / 1e6::float8 - p_latitude) / 2), 2)
        + cos(radians(p_latitude)) * cos(radians(s."latitudeE6" / 1e6::float8))
        * power(sin(radians(s."longitudeE6" / 1e6::float8 - p_longitude) / 2), 2)))))::bigint AS mm) d
      WHERE s.status = 'OPEN'
        AND (point(s."longitudeE6", s."latitudeE6") <@ p_one OR point(s."longitudeE6", s."latitudeE6") <@ p_other)
        AND d.mm <= p_reach AND (d.mm, s.id) > (p_after, p_after_id)
        AND EXISTS (SELECT FROM merchant m WHERE m.id = s."merchantId" AND m.status = 'ACTIVE' OFFSET 0)
      ORDER BY d.mm, s.id LIMIT p_limit;
  END $$;
`;
