using System.Text.Json;
using System.Text.Json.Serialization;
using Governance.Core;

namespace Governance.Client.Transport;

/// <summary>How answers are read: the house form, but a newer gateway may say more than this client knows.</summary>
internal static class ClientJson
{
    public static JsonSerializerOptions Reading { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(GovernanceJson.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
