using Microsoft.AspNetCore.Http.Metadata;

namespace Governance.Gateway.Api;

/// <summary>Lifts the server's general body limit for uploads, which have a limit of their own while they stream.</summary>
internal sealed class UnlimitedBody : IRequestSizeLimitMetadata
{
    public long? MaxRequestBodySize => null;
}
