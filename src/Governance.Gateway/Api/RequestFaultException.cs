namespace Governance.Gateway.Api;

/// <summary>A request that cannot be read, in our own words: these reach the caller, the framework's do not.</summary>
internal sealed class RequestFaultException(string detail, int statusCode = StatusCodes.Status400BadRequest, Exception? inner = null)
    : BadHttpRequestException(detail, statusCode, inner!);
