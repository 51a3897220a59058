using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Api;

public sealed class OpenApiTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task The_document_lists_every_endpoint_of_the_API_with_a_name_and_a_summary()
    {
        var gateway = fixture.Gateway;
        var document = (await gateway.GetAsync("/openapi/v1.json", persona: null)).MustBe(HttpStatusCode.OK).Json;
        var listed = document["paths"]!.AsObject()
            .SelectMany(p => p.Value!.AsObject().Select(o => (Key: $"{o.Key.ToUpperInvariant()} {p.Key}", Operation: o.Value!)))
            .ToDictionary(o => o.Key, o => o.Operation);
        var mapped = gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.TrimStart('/') is var path && (path.StartsWith("api/v1", StringComparison.Ordinal) || path.StartsWith("v2", StringComparison.Ordinal)))
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(m => $"{m} /{Plain(e.RoutePattern)}"))
            .ToList();

        Assert.True(mapped.Count > 30);
        Assert.Empty(mapped.Except(listed.Keys));
        Assert.All(mapped, m => Assert.False(string.IsNullOrEmpty(listed[m]["operationId"]?.GetValue<string>()), m));
        Assert.All(mapped.Where(m => m.Contains("/api/", StringComparison.Ordinal) && !m.EndsWith("/me", StringComparison.Ordinal)),
            m => Assert.False(string.IsNullOrEmpty(listed[m]["summary"]?.GetValue<string>()), m));
        Assert.Equal(listed.Count, listed.Values.Select(o => o["operationId"]?.GetValue<string>()).Distinct().Count());
    }

    /// <summary>Without constraints, as OpenAPI writes paths.</summary>
    private static string Plain(Microsoft.AspNetCore.Routing.Patterns.RoutePattern pattern) => string.Join('/', pattern.PathSegments.Select(s => string.Concat(s.Parts.Select(p => p switch
    {
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
        _ => "",
    }))));
}
