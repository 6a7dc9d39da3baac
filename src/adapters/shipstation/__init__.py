"""ShipStation V1 and V2 behind the shipping port: `gateway_v1`, `gateway_v2`, `transport`, `credentials`."""
