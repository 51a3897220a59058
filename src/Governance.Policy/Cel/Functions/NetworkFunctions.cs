using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Governance.Policy.Cel;

/// <summary>IP addresses and networks, as Kubernetes' CEL library defines them. No name is ever resolved.</summary>
internal static class NetworkFunctions
{
    public static void AddTo(FunctionTable table)
    {
        table.Global("ip", IpValue.CelType, CelType.String, (in CelValue v) => IpValue.Parse(v.AsString));
        table.Global("isIP", CelType.Bool, CelType.String, (in CelValue v) => CelValue.Of(!IpValue.Parse(v.AsString).IsError));
        table.Global("cidr", CidrValue.CelType, CelType.String, (in CelValue v) => CidrValue.Parse(v.AsString));
        table.Global("isCIDR", CelType.Bool, CelType.String, (in CelValue v) => CelValue.Of(!CidrValue.Parse(v.AsString).IsError));
        table.Global("ip.isCanonical", CelType.Bool, CelType.String, (in CelValue v) =>
        {
            var ip = IpValue.Parse(v.AsString);
            return ip.IsError ? ip : CelValue.Of(string.Equals(ip.AsOpaque.ToString(), v.AsString, StringComparison.Ordinal));
        });
        table.Global("string", CelType.String, IpValue.CelType, (in CelValue v) => CelValue.Of(v.AsOpaque.ToString()));
        table.Global("string", CelType.String, CidrValue.CelType, (in CelValue v) => CelValue.Of(v.AsOpaque.ToString()));
        OfIp(table, "isUnspecified", ip => ip.Address.Equals(IPAddress.Any) || ip.Address.Equals(IPAddress.IPv6Any));
        OfIp(table, "isLoopback", ip => IPAddress.IsLoopback(ip.Address));
        OfIp(table, "isLinkLocalMulticast", ip => ip.IsLinkLocalMulticast);
        OfIp(table, "isLinkLocalUnicast", ip => ip.IsLinkLocalUnicast);
        OfIp(table, "isGlobalUnicast", ip => ip.IsGlobalUnicast);
        table.Member("family", CelType.Int, IpValue.CelType, (in CelValue v) => CelValue.Of(((IpValue)v.AsOpaque).IsV4 ? 4L : 6L));
        Containing(table, "containsIP", IpValue.CelType, IpValue.Parse, (network, other) => network.Contains(((IpValue)other).Address));
        Containing(table, "containsCIDR", CidrValue.CelType, CidrValue.Parse, (network, other) => network.Contains((CidrValue)other));
        table.Member("ip", IpValue.CelType, CidrValue.CelType, (in CelValue v) => CelValue.Of(new IpValue(((CidrValue)v.AsOpaque).Address)));
        table.Member("masked", CidrValue.CelType, CidrValue.CelType, (in CelValue v) => CelValue.Of(((CidrValue)v.AsOpaque).Masked()));
        table.Member("prefixLength", CelType.Int, CidrValue.CelType, (in CelValue v) => CelValue.Of((long)((CidrValue)v.AsOpaque).PrefixLength));
    }

    private static void OfIp(FunctionTable table, string name, Func<IpValue, bool> test) =>
        table.Member(name, CelType.Bool, IpValue.CelType, (in CelValue v) => CelValue.Of(test((IpValue)v.AsOpaque)));

    private static void Containing(FunctionTable table, string name, CelType type, Func<string, CelValue> parse, Func<CidrValue, CelOpaque, bool> test)
    {
        table.Member(name, CelType.Bool, CidrValue.CelType, type, (in CelValue network, in CelValue other) =>
            CelValue.Of(test((CidrValue)network.AsOpaque, other.AsOpaque)));
        table.Member(name, CelType.Bool, CidrValue.CelType, CelType.String, (in CelValue network, in CelValue text) =>
        {
            var other = parse(text.AsString);
            return other.IsError ? other : CelValue.Of(test((CidrValue)network.AsOpaque, other.AsOpaque));
        });
    }
}

/// <summary>An IP address without zone. Immutable.</summary>
internal sealed class IpValue(IPAddress address) : CelOpaque
{
    private static readonly SearchValues<char> V6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    public static CelType CelType { get; } = Cel.CelType.Opaque("net.IP");

    public IPAddress Address { get; } = address;

    public override CelType Type => CelType;

    public bool IsV4 => Address.AddressFamily == AddressFamily.InterNetwork;

    public bool IsLinkLocalMulticast
    {
        get
        {
            var b = Address.GetAddressBytes();
            return IsV4 ? b[0] == 224 && b[1] == 0 && b[2] == 0 : b[0] == 0xff && (b[1] & 0x0f) == 2;
        }
    }

    public bool IsLinkLocalUnicast
    {
        get
        {
            var b = Address.GetAddressBytes();
            return IsV4 ? b[0] == 169 && b[1] == 254 : Address.IsIPv6LinkLocal;
        }
    }

    public bool IsGlobalUnicast =>
        !(IsV4 ? Address.GetAddressBytes()[0] is >= 224 and < 240 : Address.IsIPv6Multicast)
        && !IPAddress.IsLoopback(Address) && !IsLinkLocalUnicast
        && !Address.Equals(IPAddress.Any) && !Address.Equals(IPAddress.IPv6Any) && !Address.Equals(IPAddress.Broadcast);

    public static CelValue Parse(string text)
    {
        var (address, reason) = Read(text);
        return address is null
            ? CelValue.Error(CelErrorCode.InvalidArgument, reason ?? $"IP Address '{Shown(text)}' parse error during conversion from string")
            : CelValue.Of(new IpValue(address));
    }

    /// <summary>Strict: four decimal numbers without leading zeros, or RFC 4291 groups; no zone, no dotted IPv4 inside IPv6.</summary>
    public static (IPAddress? Address, string? Reason) Read(string text)
    {
        if (text.Contains('%', StringComparison.Ordinal))
        {
            return (null, "IP Address with zone value is not allowed");
        }

        if (!text.Contains(':', StringComparison.Ordinal))
        {
            var parts = text.Split('.');
            var strict = parts.Length == 4 && parts.All(p => p.Length is > 0 and <= 3 && p.All(char.IsAsciiDigit) && (p.Length == 1 || p[0] != '0'));
            return strict && IPAddress.TryParse(text, out var v4) ? (v4, null) : (null, null);
        }

        if (text.Length > 45 || text.AsSpan().ContainsAnyExcept(V6Characters) || !IPAddress.TryParse(text, out var v6))
        {
            return (null, null);
        }

        if (v6.IsIPv4MappedToIPv6 && text.Contains('.', StringComparison.Ordinal))
        {
            return (null, "IPv4-mapped IPv6 address is not allowed");
        }

        return (v6.IsIPv4MappedToIPv6 ? v6.MapToIPv4() : v6, null);
    }

    public static string Shown(string text) => text.Length <= 64 ? text : text[..64] + "…";

    public override bool Equals(object? obj) => obj is IpValue other && Address.Equals(other.Address);

    public override int GetHashCode() => Address.GetHashCode();

    public override string ToString() => Address.ToString();
}

/// <summary>An IP network as written: an address and a prefix length. Immutable.</summary>
internal sealed class CidrValue(IPAddress address, int prefixLength) : CelOpaque
{
    public static CelType CelType { get; } = Cel.CelType.Opaque("net.CIDR");

    public IPAddress Address { get; } = address;

    public int PrefixLength { get; } = prefixLength;

    public override CelType Type => CelType;

    public static CelValue Parse(string text)
    {
        var slash = text.LastIndexOf('/');
        var digits = slash < 0 ? "" : text[(slash + 1)..];
        if (text.Contains('%', StringComparison.Ordinal))
        {
            return CelValue.Error(CelErrorCode.InvalidArgument, "CIDR with zone value is not allowed");
        }

        var (address, reason) = slash < 0 ? (null, null) : IpValue.Read(text[..slash]);
        var valid = digits.Length is > 0 and <= 3 && digits.All(char.IsAsciiDigit) && (digits.Length == 1 || digits[0] != '0');
        if (address is null || !valid || int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture) is var prefix && prefix > Bits(address))
        {
            return CelValue.Error(CelErrorCode.InvalidArgument, reason ?? "network address parse error during conversion from string");
        }

        return CelValue.Of(new CidrValue(address, prefix));
    }

    public CidrValue Masked() => new(Mask(Address), PrefixLength);

    public bool Contains(IPAddress other) => other.AddressFamily == Address.AddressFamily && Mask(other).Equals(Mask(Address));

    public bool Contains(CidrValue other) => other.PrefixLength >= PrefixLength && Contains(other.Address);

    public override bool Equals(object? obj) => obj is CidrValue other && PrefixLength == other.PrefixLength && Address.Equals(other.Address);

    public override int GetHashCode() => HashCode.Combine(Address, PrefixLength);

    public override string ToString() => $"{Address}/{PrefixLength.ToString(System.Globalization.CultureInfo.InvariantCulture)}";

    private static int Bits(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;

    private IPAddress Mask(IPAddress of)
    {
        var bytes = of.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(PrefixLength - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff << (8 - kept));
        }

        return new IPAddress(bytes);
    }
}
