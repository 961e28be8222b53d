"""HTTP for all gateways: limited sessions, checked hosts, translated errors."""
